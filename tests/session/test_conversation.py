"""Whole conversations with the emulator over a real WebSocket."""

import pytest

from genai_live import Client, ConnectionClosedOK, GoingAway, State, ToolError, Turn, types
from genai_live.emulator import Emulator
from tests.service import TURN_COMPLETE, answer_close, conversing, read_message, text
from tests.timing import SOON


@pytest.fixture(params=[False, True], ids=["plain", "tls"])
def emulator(request):
    """An emulator that echoes, without its pauses."""
    with Emulator(tls=request.param, time_scale=0) as running:
        yield running


def _client(emulator):
    return Client(api_key="key", http_options={"base_url": emulator.url}, ssl_context=emulator.ssl_context)


def test_ask_returns_the_whole_turn(emulator):
    """One call asks and returns the answer, with its messages and the tokens."""
    with _client(emulator) as client, client.live.connect(model="gemini-2.0-flash-live-001") as session:
        turn = session.ask("Say this back", timeout=SOON)
    assert isinstance(turn, Turn)
    assert turn.text == "Say this back"
    assert turn.usage.total_token_count > 0
    assert not turn.interrupted
    assert turn.messages[-1].server_content.turn_complete


@pytest.mark.parametrize(
    "model",
    [
        "gemini-2.0-flash-live-001",
        "gemini-2.5-flash-native-audio-latest",
        "gemini-3.1-flash-live-preview",
        "gemini-3.8-live",
    ],
)
def test_every_model_converses_over_several_turns(model, emulator):
    """Filler frames and handles of the newer models do not get into the way."""
    config = {"output_audio_transcription": {}}
    with _client(emulator) as client, client.live.connect(model=model, config=config) as session:
        assert [session.ask(f"turn {number}", timeout=SOON).text for number in range(3)] == [
            "turn 0",
            "turn 1",
            "turn 2",
        ]


def test_receive_streams_one_turn(emulator):
    """The messages come as they are sent, and the iteration ends with the turn."""
    with _client(emulator) as client, client.live.connect(model="gemini-2.0-flash-live-001") as session:
        session.send_client_content(turns="a b c")
        messages = list(session.receive(timeout=SOON))
        assert "".join(message.text or "" for message in messages) == "a b c"
        assert messages[-1].server_content.turn_complete
        session.send_realtime_input(text="d e")
        assert "".join(message.text or "" for message in session.receive(timeout=SOON)) == "d e"


def test_what_the_session_says_of_itself(emulator):
    """State, setup, handle and counters, before and after the close."""
    with _client(emulator) as client:
        session = client.live.connect(model="gemini-3.8-live")
        assert session.state is State.OPEN
        assert session.setup_complete == types.LiveServerSetupComplete()
        assert session.close_code is None
        assert session.conn is not None
        session.ask("Hello", timeout=SOON)
        assert session.resumption_handle
        stats = session.stats
        assert stats.messages_sent == 2
        assert stats.messages_received > 3
        assert stats.bytes_received > stats.bytes_sent > 0
        assert stats.queued_messages == 0
        session.close(reason="enough")
        assert session.state is State.CLOSED
        assert (session.close_code, session.close_reason) == (1000, "enough")
        assert session.conn is None
        session.close()
    connection = emulator.connections[0]
    emulator.wait_until(lambda: connection.close_code == 1000, timeout=SOON)


def test_a_function_answered_by_hand():
    """A tool call is delivered, answered, and spoken about in the same turn."""
    script = {
        "steps": [
            {
                "expect": "Is it raining?",
                "answer": {"call": {"name": "get_weather", "args": {"city": "Oslo"}, "id": "call_1"}},
            },
            {
                "expect": {"toolResponse": {"functionResponses": [{"id": "call_1"}]}},
                "answer": "It rains.",
            },
        ]
    }
    with Emulator(script=script, time_scale=0) as emulator, _client(emulator) as client:
        with client.live.connect(model="gemini-2.0-flash-live-001") as session:
            with pytest.raises(ToolError, match=r"get_weather \(id call_1\)") as caught:
                session.ask("Is it raining?", timeout=SOON)
            (call,) = caught.value.partial.tool_calls
            assert call.args == {"city": "Oslo"}
            answer = types.FunctionResponse(id=call.id, name=call.name, response={"rain": True})
            session.send_tool_response(function_responses=answer)
            assert Turn.from_messages(session.receive(timeout=SOON)).text == "It rains."


def test_events_tell_of_going_away_and_end_with_the_session():
    """A goAway comes as an event with the time that is left; a close in order ends the iteration quietly."""
    script = {
        "steps": [
            {"expect": "Hi", "answer": ["Hello", {"goAway": 50}, {"close": {"code": 1000, "reason": "bye"}}]}
        ]
    }
    with Emulator(script=script, time_scale=0) as emulator, _client(emulator) as client:
        with client.live.connect(model="gemini-2.0-flash-live-001", reconnect=False) as session:
            session.send_client_content(turns="Hi")
            events = list(session.events(timeout=SOON))
            going = [event for event in events if isinstance(event, GoingAway)]
            assert [event.time_left.total_seconds() for event in going] == [50]
            assert going[0].message.go_away is not None
            assert list(session.messages(timeout=SOON)) == []
            with pytest.raises(ConnectionClosedOK) as caught:
                next(session.receive(timeout=SOON))
            assert (caught.value.code, caught.value.reason) == (1000, "bye")


def test_the_other_messages_reach_the_server(emulator):
    """Media, activity, history without an answer, and raw messages go out as they should."""
    with _client(emulator) as client, client.live.connect(model="gemini-2.0-flash-live-001") as session:
        session.send_client_content(
            turns=[{"role": "model", "parts": [{"text": "before"}]}], turn_complete=False
        )
        session.send_realtime_input(audio=b"\0\1" * 1600)
        session.send_realtime_input(media=types.Blob(data=b"\xff\xd8", mime_type="image/jpeg"))
        session.send_realtime_input(audio_stream_end=True)
        session.send_raw({"realtimeInput": {"text": "raw"}})
        assert Turn.from_messages(session.receive(timeout=SOON)).text == "raw"
    frames = [frame for frame in emulator.connections[0].received if "setup" not in frame]
    assert [next(iter(frame)) for frame in frames] == ["clientContent", *["realtimeInput"] * 4]
    assert frames[0]["clientContent"]["turnComplete"] is False
    assert frames[1]["realtimeInput"]["audio"]["mimeType"] == "audio/pcm;rate=16000"
    assert frames[2]["realtimeInput"]["video"] == {"data": "/9g=", "mimeType": "image/jpeg"}


def test_history_gets_no_answer_and_asks_for_none():
    """Where the setup says so, the first content up to ``turn_complete`` is history: ``ask`` may follow."""

    def handle(peer):
        assert read_message(peer)["clientContent"]["turnComplete"]
        read_message(peer)
        peer.send(text("You said Oslo.") + TURN_COMPLETE)
        answer_close(peer)

    config = {"history_config": {"initial_history_in_client_content": True}}
    with conversing(handle, config=config) as session:
        history = [{"parts": [{"text": "Oslo."}]}, {"role": "model", "parts": [{"text": "Ah."}]}]
        session.send_client_content(turns=history)
        assert session.ask("Where?", timeout=SOON).text == "You said Oslo."
