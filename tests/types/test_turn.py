"""A turn is put together from its messages."""

from genai_live import types
from genai_live.types import LiveServerContent, LiveServerMessage, Part, Transcription, Turn


def content(**fields: object) -> LiveServerMessage:
    """A message with some server content."""
    return LiveServerMessage(server_content=LiveServerContent(**fields))  # type: ignore[arg-type]


def said(*parts: Part) -> LiveServerMessage:
    """A message in which the model says something."""
    return content(model_turn=types.Content(parts=list(parts)))


def test_text_and_thoughts() -> None:
    """The text of a turn is all of it that is not a thought."""
    turn = Turn.from_messages(
        [said(Part(text="Let me see", thought=True)), said(Part(text="Good")), said(Part(text=" day"))]
    )
    assert turn.text == "Good day"


def test_a_turn_in_audio() -> None:
    """Speech is joined, and its text is the output transcription."""
    message = said(Part.from_bytes(b"34", "audio/pcm;rate=24000"))
    assert message.server_content is not None
    message.server_content.output_transcription = Transcription(text="day")
    turn = Turn.from_messages(
        [
            content(input_transcription=Transcription(text=" Good")),
            content(output_transcription=Transcription()),
            content(output_transcription=Transcription(text="Good ")),
            said(Part.from_bytes(b"12", "audio/pcm;rate=24000"), Part.from_bytes(b"jpeg", "image/jpeg")),
            message,
            content(input_transcription=Transcription(text=" evening")),
            content(output_transcription=Transcription(finished=True)),
        ]
    )
    assert turn.audio == b"1234"
    assert turn.audio_mime_type == "audio/pcm;rate=24000"
    assert turn.text == turn.output_transcription == "Good day"
    assert turn.input_transcription == " Good evening"


def test_text_goes_before_the_transcription() -> None:
    """A model that writes and speaks is quoted in its own writing."""
    turn = Turn.from_messages([said(Part(text="1")), content(output_transcription=Transcription(text="one"))])
    assert turn.text == "1"
    assert turn.output_transcription == "one"


def test_calls_usage_and_ending() -> None:
    """Calls are collected in order; of usage and reason the last counts."""
    first, second = types.FunctionCall(id="1", name="f"), types.FunctionCall(id="2", name="g")
    messages = [
        LiveServerMessage(tool_call=types.LiveServerToolCall(function_calls=[first])),
        LiveServerMessage(tool_call=types.LiveServerToolCall()),
        LiveServerMessage(usage_metadata=types.UsageMetadata(total_token_count=1)),
        LiveServerMessage(tool_call=types.LiveServerToolCall(function_calls=[second])),
        content(interrupted=True),
        content(turn_complete=True, turn_complete_reason=types.TurnCompleteReason.NEED_MORE_INPUT),
        LiveServerMessage(usage_metadata=types.UsageMetadata(total_token_count=2)),
    ]
    turn = Turn.from_messages(iter(messages))
    assert turn.tool_calls == [first, second]
    assert turn.usage == types.UsageMetadata(total_token_count=2)
    assert turn.interrupted
    assert turn.complete_reason is types.TurnCompleteReason.NEED_MORE_INPUT
    assert turn.messages == messages


def test_nothing_came() -> None:
    """A turn of no messages is empty, not an error: ask() may time out before the first."""
    turn = Turn.from_messages([])
    assert (turn.text, turn.audio, turn.audio_mime_type, turn.usage) == ("", b"", None, None)
    assert (turn.interrupted, turn.complete_reason, turn.tool_calls, turn.messages) == (False, None, [], [])
    assert repr(turn) == "Turn()"


def test_the_messages_are_not_changed() -> None:
    """Collecting calls from several messages leaves each with its own."""
    message = LiveServerMessage(
        tool_call=types.LiveServerToolCall(function_calls=[types.FunctionCall(id="1")])
    )
    Turn.from_messages([message, message])
    assert message.tool_call is not None
    assert message.tool_call.function_calls == [types.FunctionCall(id="1")]


def test_repr_is_short() -> None:
    """A turn prints its audio by length and its messages not at all."""
    turn = Turn.from_messages([said(Part(text="Hi"), Part.from_bytes(b"x" * 99, "audio/pcm"))])
    assert repr(turn) == "Turn(text='Hi', audio=<99 bytes>, audio_mime_type='audio/pcm')"
