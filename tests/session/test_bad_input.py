"""What cannot be used is refused at the call, by name and place, and nothing of it is sent."""

import pytest

from genai_live import ConfigurationError, ConnectionClosedOK, LiveCallbacks, ModeError, types
from genai_live.emulator import Emulator
from tests.service import MODEL, answer_close, conversing, service
from tests.timing import SOON

CASES = [
    ("send_client_content", {"turns": [{"rol": "user", "parts": []}]}, r"turns\[0\].rol: .*'role'"),
    ("send_client_content", {"turns": [{"parts": [{"text": 5}]}]}, r"turns\[0\].parts\[0\].text"),
    ("send_client_content", {"turns": "Hi", "turn_complete": "yes"}, "turn_complete"),
    ("send_client_content", {"turns": object()}, "turns"),
    ("send_realtime_input", {}, "exactly one of media, audio, .*; got none"),
    ("send_realtime_input", {"text": "a", "audio": b"b"}, "exactly one of .*; got audio, text"),
    ("send_realtime_input", {"audio": {"data": b"x", "mime_type": "image/png"}}, "audio.mime_type"),
    ("send_realtime_input", {"media": {"data": b"x", "mime_type": "text/plain"}}, "media.mime_type"),
    ("send_realtime_input", {"audio_stream_end": {}}, "audio_stream_end"),
    ("send_realtime_input", {"activity_start": True}, "activity_start"),
    ("send_tool_response", {"function_responses": []}, "at least one"),
    (
        "send_tool_response",
        {"function_responses": {"name": "f", "response": {}}},
        r"function_responses\[0\].id",
    ),
    ("send_tool_response", {"function_responses": {"id": "", "name": "f", "response": {}}}, "id"),
    ("send_tool_response", {"function_responses": {"id": "1", "response": {}}}, r"\[0\].name"),
    ("send_tool_response", {"function_responses": {"id": "1", "name": "f"}}, r"\[0\].response"),
    ("send_tool_response", {"function_responses": {"id": "1", "name": "f", "response": "ok"}}, "response"),
    (
        "send_tool_response",
        {"function_responses": {"id": "1", "name": "f", "response": {"x": [float("nan")]}}},
        r"response.x\[0\]",
    ),
    ("send_context_update", {}, "needs system_instruction, tools"),
    ("send_raw", {"message": {"a": {"b": float("inf")}}}, "a.b"),
    ("send_raw", {"message": ["a"]}, "expected dict, got list"),
    ("send_client_content", {"turns": "x", "timeout": -1}, "timeout: .*0 seconds or more"),
    ("send_client_content", {"turns": "x", "timeout": "5"}, "timeout: expected seconds"),
    ("receive", {"timeout": "5"}, "timeout"),
    ("ask", {"turns": "x", "via": "phone"}, "via: expected 'content' or 'realtime'"),
    ("ask", {"turns": ["x"], "via": "realtime"}, "text"),
    ("close", {"code": 1005}, "code: expected 1000, or 3000 to 4999"),
]


@pytest.mark.parametrize(("method", "arguments", "complaint"), CASES)
def test_a_bad_argument_is_named_and_nothing_is_sent(method, arguments, complaint):
    """The exception says what and where; the server has only seen the setup."""
    with Emulator(time_scale=0) as emulator:
        from genai_live import Client

        with Client(api_key="k", http_options={"base_url": emulator.url}) as client:
            with client.live.connect(model=MODEL) as session:
                with pytest.raises(ConfigurationError, match=complaint):
                    getattr(session, method)(**arguments)
        assert [next(iter(item)) for item in emulator.connections[0].received] == ["setup"]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"config": {"respons_modalities": ["AUDIO"]}}, "config.respons_modalities.*'response_modalities'"),
        ({"config": {"response_modalities": ["AUDOI"]}}, r"config.response_modalities\[0\].*AUDIO"),
        (
            {"config": {"speech_config": {"voice_config": {"voice": 1}}}},
            "config.speech_config.voice_config.voice",
        ),
        ({"config": {"temperature": float("nan")}}, "config.temperature"),
        ({"config": "audio"}, "config"),
        ({"config": {"tools": [print]}}, r"config.tools\[0\].*cannot be declared"),
        ({"config": {"http_options": {"timeout": 5}}}, "config.http_options"),
        ({"model": ""}, "model"),
        ({"model": "models/../x"}, "model"),
        ({"model": 5}, "model"),
        ({"timeout": float("nan")}, "timeout"),
        ({"callbacks": {"on_message": print}}, "callbacks: expected LiveCallbacks"),
    ],
)
def test_a_bad_setting_is_named_before_anything_is_dialled(arguments, complaint):
    """connect() looks at everything first."""
    dialled = []
    with service(dialled.append) as client:
        with pytest.raises(ConfigurationError, match=complaint):
            client.live.connect(**{"model": MODEL, **arguments})
    assert dialled == []


def test_a_send_after_close_raises():
    """A closed session says that it is closed, whatever is sent."""
    with conversing(answer_close) as session:
        session.close()
        for send in (
            lambda: session.send_client_content(turns="x"),
            lambda: session.send_realtime_input(text="x"),
            lambda: session.send_raw({}),
            lambda: session.ask("x"),
        ):
            with pytest.raises(ConnectionClosedOK, match="closed here: 1000") as caught:
                send()
            assert caught.value.phase == "closing"


def test_reading_in_push_mode_raises():
    """Messages that go to a callback cannot be read as well."""
    callbacks = LiveCallbacks(on_message=lambda session, message: None)
    with conversing(answer_close, callbacks=callbacks) as session:
        for read in (session.receive, session.messages, session.events, session.discard_turn):
            with pytest.raises(ModeError, match=r"callbacks.on_message"):
                read()
        with pytest.raises(ModeError):
            session.ask("x")
        with pytest.raises(ModeError):
            iter(session)


def test_the_callers_objects_are_not_changed():
    """A config can be used again: nothing is written into it."""
    config = types.LiveConnectConfig(temperature=0, generation_config=types.GenerationConfig(temperature=0.5))
    before = repr(config)
    with Emulator(time_scale=0) as emulator:
        from genai_live import Client

        with Client(api_key="k", http_options={"base_url": emulator.url}) as client:
            client.live.connect(model=MODEL, config=config).close(timeout=SOON)
        assert repr(config) == before
        setup = emulator.connections[0].received[0]["setup"]
    assert setup == {
        "model": f"models/{MODEL}",
        "generationConfig": {"temperature": 0},
        "sessionResumption": {},
    }
