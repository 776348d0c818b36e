"""Messages of both sides, as short as they can be."""

from datetime import timedelta
from typing import Any

from genai_live import types

COMPLETE = types.LiveServerMessage(setup_complete=types.LiveServerSetupComplete())
IN_PROGRESS = types.InteractionStatus.IN_PROGRESS
IDLE = types.InteractionStatus.IDLE


# -- the server's --------------------------------------------------------------------------------------


def content(**fields: Any) -> types.LiveServerMessage:
    """A message with server content."""
    return types.LiveServerMessage(server_content=types.LiveServerContent(**fields))


def words(text: str = "words", **fields: Any) -> types.LiveServerMessage:
    """The model writes something."""
    return content(model_turn=types.Content(parts=[types.Part(text=text)]), **fields)


def spoken(text: str | None = None) -> types.LiveServerMessage:
    """What the model says aloud, in words."""
    return content(output_transcription=types.Transcription(text=text))


def heard(text: str = "heard") -> types.LiveServerMessage:
    """What the user was heard to say."""
    return content(input_transcription=types.Transcription(text=text))


def end(**fields: Any) -> types.LiveServerMessage:
    """The end of a turn."""
    return content(turn_complete=True, **fields)


def tool_call(*ids: str | None) -> types.LiveServerMessage:
    """Functions are called."""
    calls = [types.FunctionCall(id=call_id, name="f", args={}) for call_id in ids]
    return types.LiveServerMessage(tool_call=types.LiveServerToolCall(function_calls=calls))


def cancellation(*ids: str) -> types.LiveServerMessage:
    """Calls are taken back."""
    taken_back = types.LiveServerToolCallCancellation(ids=list(ids))
    return types.LiveServerMessage(tool_call_cancellation=taken_back)


def handle(
    name: str | None = "handle", *, resumable: bool = True, index: int | None = None
) -> types.LiveServerMessage:
    """An update of the resumption handle."""
    update = types.LiveServerSessionResumptionUpdate(
        new_handle=name, resumable=resumable, last_consumed_client_message_index=index
    )
    return types.LiveServerMessage(session_resumption_update=update)


def go_away(seconds: float | None) -> types.LiveServerMessage:
    """The connection will end."""
    left = None if seconds is None else timedelta(seconds=seconds)
    return types.LiveServerMessage(go_away=types.LiveServerGoAway(time_left=left))


def voice(*, speaks: bool) -> types.LiveServerMessage:
    """The user begins to speak, or no longer does."""
    kind = types.VoiceActivityType.ACTIVITY_START if speaks else types.VoiceActivityType.ACTIVITY_END
    return types.LiveServerMessage(voice_activity=types.VoiceActivity(voice_activity_type=kind))


# -- the client's --------------------------------------------------------------------------------------


def said(text: Any, *, turn_complete: bool) -> types.LiveClientMessage:
    """Content."""
    turns = [types.Content(parts=[types.Part(text=str(text))], role="user")]
    return types.LiveClientMessage(
        client_content=types.LiveClientContent(turns=turns, turn_complete=turn_complete)
    )


def question(text: Any = "question") -> types.LiveClientMessage:
    """Content that is to be answered."""
    return said(text, turn_complete=True)


def history(text: Any = "history") -> types.LiveClientMessage:
    """Content to which more is to come."""
    return said(text, turn_complete=False)


def realtime(**fields: Any) -> types.LiveClientMessage:
    """Realtime input."""
    return types.LiveClientMessage(realtime_input=types.LiveClientRealtimeInput(**fields))


def audio() -> types.LiveClientMessage:
    """A little of it."""
    return realtime(audio=types.Blob(data=b"\0\0", mime_type="audio/pcm"))


def answer(*ids: str, more: bool = False) -> types.LiveClientMessage:
    """The answers to calls, or a part of them if there is more to come."""
    responses = [
        types.FunctionResponse(id=call_id, name="f", response={}, will_continue=more or None)
        for call_id in ids
    ]
    return types.LiveClientMessage(tool_response=types.LiveClientToolResponse(function_responses=responses))
