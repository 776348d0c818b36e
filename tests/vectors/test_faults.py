"""The faults that differences.md (sections 4 to 6) found in the official SDKs: what we do instead.

The name of a test begins with the number of the fault. Faults that the cases of client.json or server.json
show are tested with those as well.
"""

import functools
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from genai_live import (
    APIError,
    Client,
    ConfigurationError,
    ConnectionClosedError,
    ConnectionClosedOK,
    LiveCallbacks,
    ProtocolError,
    Session,
    types,
)
from genai_live.codec import to_json_dict
from tests.timing import SOON
from tests.vectors.normal_form import credentials
from tests.vectors.recorder import Recorder, Request

MODEL = "gemini-3.8-live"
HI = {"serverContent": {"modelTurn": {"parts": [{"text": "Hi"}], "role": "model"}}}
DONE = {"serverContent": {"turnComplete": True}}


def client(recorder: Recorder, *, vertexai: bool = False, **options: Any) -> Client:
    """A client of the recorder."""
    base_url = recorder.addresses["$WSS"]
    return Client(
        api_key="key",
        vertexai=vertexai,
        http_options={"base_url": base_url, **options},
        ssl_context=recorder.client_context,
    )


@contextmanager
def connected(
    recorder: Recorder, config: Any = None, *frames: Any, vertexai: bool = False, callbacks: Any = None
) -> Iterator[Session]:
    """A session in which the server sends these frames: JSON, or a text as it is."""
    recorder.begin(
        {"after_setup": [{"raw": frame} if isinstance(frame, str) else {"json": frame} for frame in frames]}
    )
    with client(recorder, vertexai=vertexai) as live_client:
        with live_client.live.connect(
            model=MODEL, config=config, callbacks=callbacks, timeout=SOON
        ) as session:
            yield session


def only_request(recorder: Recorder) -> Request:
    """The one connection that was made."""
    (request,) = recorder.finish()
    return request


def setup_of(recorder: Recorder, config: Any, **arguments: Any) -> dict[str, Any]:
    """The setup that a config makes."""
    with connected(recorder, config, **arguments):
        pass
    return only_request(recorder).frames[0]["setup"]


# -- 4. google-genai -----------------------------------------------------------------------------------


@pytest.mark.parametrize("frame", [{"futureMessage": {"a": 1}}, {"serverContent": None, "toolCall": None}])
def test_4_1_and_4_2_an_unknown_message_or_a_null_does_not_end_the_session(recorder, frame):
    """The message is delivered with nothing known in it, and the session goes on."""
    with connected(recorder, None, frame, HI, DONE) as session:
        first, second, third = session.receive(timeout=SOON)
    assert (first.server_content, second.text, third.server_content.turn_complete) == (None, "Hi", True)
    assert first.unknown_fields == {name: value for name, value in frame.items() if value is not None}


def test_4_1_an_error_is_raised_with_its_own_code(recorder):
    """An error message raises APIError with code and status of the error."""
    frame = {"error": {"code": 429, "message": "slow down", "status": "RESOURCE_EXHAUSTED"}}
    with connected(recorder, None, frame) as session:
        with pytest.raises(APIError, match="slow down") as raised:
            next(session.receive(timeout=SOON))
    assert (raised.value.code, raised.value.status) == (429, "RESOURCE_EXHAUSTED")


@pytest.mark.parametrize("reply", [{"json": {}}, {"raw": ""}])
def test_4_3_a_session_is_open_once_the_setup_was_accepted(recorder, reply):
    """What is not setupComplete does not count as it."""
    recorder.begin({"setup_reply": [reply]})
    with client(recorder) as live_client, pytest.raises(ProtocolError, match="setupComplete"):
        live_client.live.connect(model=MODEL, timeout=SOON)


def test_4_3_an_error_instead_of_setup_complete_is_raised(recorder):
    """connect raises the error that the server answers the setup with."""
    recorder.begin({"setup_reply": [{"json": {"error": {"code": 400, "message": "bad", "status": "X"}}}]})
    with client(recorder) as live_client, pytest.raises(APIError) as raised:
        live_client.live.connect(model=MODEL, timeout=SOON)
    assert raised.value.code == 400


def test_4_4_a_setting_of_its_own_wins_over_generation_config(recorder):
    """In one spelling, a falsy one too; what generation_config has besides stays."""
    config = {
        "temperature": 0,
        "max_output_tokens": 6,
        "generation_config": {"temperature": 0.5, "maxOutputTokens": 5, "top_p": 0.5},
    }
    generation = setup_of(recorder, config)["generationConfig"]
    assert generation == {"temperature": 0, "maxOutputTokens": 6, "topP": 0.5}


def test_4_5_and_5_6_the_mask_of_a_token_is_a_field_mask(recorder):
    """Paths are in camelCase, below generationConfig where that is so, and name each field that is set."""
    recorder.begin()
    with Client(
        api_key="key",
        http_options={"base_url": recorder.addresses["$HTTP"]},
        ssl_context=recorder.client_context,
    ) as live_client:
        live_client.auth_tokens.create(
            config={
                "live_connect_constraints": {
                    "model": MODEL,
                    "config": {
                        "context_window_compression": {"trigger_tokens": 5},
                        "tools": [{"google_search": {}}],
                    },
                },
                "lock_additional_fields": ["max_output_tokens", "thinking_config", "system_instruction"],
            }
        )
    mask = only_request(recorder).frames[0]["fieldMask"].split(",")
    assert set(mask) == {
        "model",
        "contextWindowCompression.triggerTokens",
        "tools",
        "generationConfig.maxOutputTokens",
        "generationConfig.thinkingConfig",
        "systemInstruction",
    }


def test_4_6_what_vertex_lacks_is_refused_in_messages_too(recorder):
    """tool_call and part_metadata in a turn, will_continue in a response: refused at the call."""
    with connected(recorder, vertexai=True) as session:
        for part in ({"tool_call": {"id": "t"}}, {"text": "x", "part_metadata": {"a": 1}}):
            with pytest.raises(ConfigurationError, match="Gemini API"):
                session.send_client_content(turns={"role": "user", "parts": [part]})
        response = {"id": "c", "name": "f", "response": {}, "will_continue": True}
        with pytest.raises(ConfigurationError, match="Gemini API"):
            session.send_tool_response(function_responses=response)
    assert len(only_request(recorder).frames) == 1


def test_4_7_bytes_at_any_depth_of_a_response_are_base64(recorder):
    """In lists, and in lists of lists."""
    with connected(recorder) as session:
        response = {"rows": [b"\xfb\xff", [b"\xfb\xff", {"data": b"\xfb\xff"}]]}
        session.send_tool_response(function_responses={"id": "c", "name": "f", "response": response})
    sent = only_request(recorder).frames[1]["toolResponse"]["functionResponses"][0]["response"]
    assert sent == {"rows": ["+/8=", ["+/8=", {"data": "+/8="}]]}


class _Callable:
    def __call__(self, city: str) -> str:
        return city


@pytest.mark.parametrize(
    "config",
    [
        "TEXT",
        ["TEXT"],
        5,
        types.Blob(),
        {"tools": [_Callable()]},
        {"tools": [functools.partial(print)]},
        {"tools": [_Callable]},
    ],
    ids=["str", "list", "int", "another class", "callable object", "partial", "class"],
)
def test_4_9_and_5_3_a_wrong_config_is_a_configuration_error_and_dials_nothing(recorder, config):
    """It says where; no connection is made."""
    recorder.begin()
    with client(recorder) as live_client, pytest.raises(ConfigurationError, match="config"):
        live_client.live.connect(model=MODEL, config=config, timeout=SOON)
    assert recorder.finish() == []


@pytest.mark.parametrize("model", [5, None, "", "models/../secret", "a&b", "google/models/x"])
def test_4_9_and_5_3_a_wrong_model_is_a_configuration_error_and_dials_nothing(recorder, model):
    """Before anything is dialled, on Vertex AI, which has the most forms of names."""
    recorder.begin()
    with client(recorder, vertexai=True) as live_client, pytest.raises(ConfigurationError, match="model"):
        live_client.live.connect(model=model, timeout=SOON)
    assert recorder.finish() == []


@pytest.mark.parametrize(
    ("close", "error"), [([1000, "bye"], ConnectionClosedOK), ([1011, "Internal"], ConnectionClosedError)]
)
def test_4_10_and_5_7_a_close_is_the_same_error_for_reader_and_sender(recorder, close, error):
    """With code and reason; a normal close is told from others. Sending is never silent."""
    recorder.begin({"after_setup": [{"json": HI}, {"close": close}]})
    with client(recorder) as live_client:
        session = live_client.live.connect(model=MODEL, timeout=SOON)
        with pytest.raises(error) as read:
            list(session.receive(timeout=SOON))
        with pytest.raises(error) as sent:
            session.send_client_content(turns="x")
    assert (read.value.code, read.value.reason) == (sent.value.code, sent.value.reason) == tuple(close)


def test_4_11_both_spellings_and_numbers_of_enums_are_read(recorder):
    """A key in snake_case beside others in camelCase; an enum by its number."""
    frame = {"usageMetadata": {"prompt_token_count": 1, "totalTokenCount": 2, "trafficType": 1}}
    with connected(recorder, None, frame) as session:
        usage = next(session.receive(timeout=SOON)).usage_metadata
    assert (usage.prompt_token_count, usage.total_token_count, usage.traffic_type) == (1, 2, "1")


def test_4_12_an_own_authorization_beside_a_token_stays(recorder):
    """Both reach the server."""
    recorder.begin()
    options = {
        "base_url": recorder.addresses["$WSS"],
        "api_version": "v1alpha",
        "headers": {"Authorization": "Bearer mine"},
    }
    with Client(
        api_key="auth_tokens/abc", http_options=options, ssl_context=recorder.client_context
    ) as live_client:
        live_client.live.connect(model=MODEL, timeout=SOON).close()
    request = only_request(recorder)
    assert credentials(request.path, request.headers)["secrets"] == ["auth_tokens/abc", "mine"]


def test_4_14_and_5_11_what_the_caller_gave_is_not_written_to(recorder):
    """A config, its tools and the schemas in them are the same after connect."""
    parameters = types.Schema(type="OBJECT", properties={"a": types.Schema(type="STRING")})
    declaration = types.FunctionDeclaration(name="f", parameters=parameters)
    config = types.LiveConnectConfig(
        system_instruction="Be brief.",
        tools=[types.Tool(function_declarations=[declaration])],
        session_resumption=types.SessionResumptionConfig(transparent=False),
    )
    before = repr(config)
    setup_of(recorder, config)
    assert repr(config) == before
    given = {
        "response_modalities": None,
        "tools": [{"function_declarations": [{"name": "f", "parameters": {"type": "object"}}]}],
    }
    copied = json.loads(json.dumps(given))
    setup_of(recorder, given, vertexai=True)
    assert given == copied


# -- 5. @google/genai ----------------------------------------------------------------------------------


@pytest.mark.parametrize("reply", [{"close": [1008, "no such model"]}, {"abort": True}, {"raw": "{"}])
def test_5_1_connect_settles_whatever_the_server_does(recorder, reply):
    """It raises at once; the code and reason are in the error."""
    recorder.begin({"setup_reply": [reply]})
    with client(recorder) as live_client, pytest.raises((ConnectionClosedError, ProtocolError)) as raised:
        live_client.live.connect(model=MODEL, timeout=SOON)
    assert "close" not in reply or raised.value.reason == "no such model"


def test_5_2_a_frame_that_is_no_json_is_told_to_on_error(recorder):
    """The process lives on: on_error is called, then on_close."""
    told: list[Any] = []
    closed = threading.Event()
    callbacks = LiveCallbacks(
        on_message=lambda session, message: told.append(message.text),
        on_error=lambda session, error: told.append(type(error)),
        on_close=lambda session, code, reason: closed.set(),
    )
    with connected(recorder, None, HI, "hello", callbacks=callbacks):
        assert closed.wait(SOON)
    assert told == ["Hi", ProtocolError]


def test_5_4_history_is_configured(recorder):
    """historyConfig is sent; a None asks for nothing."""
    config = {"history_config": {"initial_history_in_client_content": True}, "explicit_vad_signal": None}
    assert setup_of(recorder, config)["historyConfig"] == {"initialHistoryInClientContent": True}


def test_5_5_the_type_of_a_voice_activity_has_its_name(recorder):
    """``type`` on the wire is ``voice_activity_type`` here, on both surfaces."""
    for vertexai in (False, True):
        frame = {"voiceActivity": {"type": "ACTIVITY_START"}}
        with connected(recorder, None, frame, vertexai=vertexai) as session:
            activity = next(session.receive(timeout=SOON)).voice_activity
        assert activity.voice_activity_type is types.VoiceActivityType.ACTIVITY_START


def test_5_8_no_config_is_a_config_on_vertex(recorder):
    """config=None asks for audio there, as an empty one does."""
    assert setup_of(recorder, None, vertexai=True)["generationConfig"] == {"responseModalities": ["AUDIO"]}


def test_5_9_what_is_unknown_is_kept_on_vertex(recorder):
    """The message holds it, and gives it back when it is written again."""
    frame = {"futureMessage": {"a": 1}, "serverContent": {"turnComplete": True, "mood": "good"}}
    with connected(recorder, None, frame, vertexai=True) as session:
        message = next(session.receive(timeout=SOON))
    assert message.unknown_fields == {"futureMessage": {"a": 1}}
    assert to_json_dict(message) == frame


def test_5_10_music_waits_for_setup_complete(recorder):
    """A refused setup is an error of connect."""
    recorder.begin({"setup_reply": [{"close": [1008, "no model"]}]})
    with client(recorder) as live_client, pytest.raises(ConnectionClosedError, match="no model"):
        live_client.live.music.connect(model="models/lyria-realtime-exp", timeout=SOON)


# -- 6. Both -------------------------------------------------------------------------------------------


def test_6_no_count_of_the_usage_is_dropped_on_vertex(recorder):
    """A responseTokenCount or serviceTier is there; Vertex's name of the count sets both."""
    frames = (
        {"usageMetadata": {"responseTokenCount": 3, "serviceTier": "FLEX"}},
        {"usageMetadata": {"candidatesTokenCount": 4}},
    )
    with connected(recorder, None, *frames, vertexai=True) as session:
        first, second = (
            message.usage_metadata for message in (next(session.receive(timeout=SOON)) for _ in frames)
        )
    assert (first.response_token_count, first.service_tier) == (3, types.ServiceTier.FLEX)
    assert (second.response_token_count, second.candidates_token_count) == (4, 4)


@pytest.mark.parametrize("frame", ["[]", '"x"', "5", "null"])
def test_6_what_is_no_object_is_a_protocol_error(recorder, frame):
    """Not an AttributeError, and not an empty message."""
    with connected(recorder, None, frame) as session, pytest.raises(ProtocolError, match="not an object"):
        next(session.receive(timeout=SOON))


def test_6_false_asks_for_nothing(recorder):
    """A False where only the other surface has the setting is left out, not refused."""
    setup = setup_of(recorder, {"explicit_vad_signal": False, "session_resumption": {"transparent": False}})
    assert (setup.get("explicitVadSignal"), setup["sessionResumption"]) == (None, {})


def test_6_two_schemas_exclude_each_other(recorder):
    """``parameters`` beside ``parameters_json_schema`` is refused at the call."""
    declaration = {
        "name": "f",
        "parameters": {"type": "OBJECT"},
        "parameters_json_schema": {"type": "object"},
    }
    with client(recorder) as live_client, pytest.raises(ConfigurationError, match="exclude each other"):
        live_client.live.connect(model=MODEL, config={"tools": [{"function_declarations": [declaration]}]})


def test_6_time_left_is_a_duration(recorder):
    """goAway says it in a timedelta, and is written back as it came."""
    with connected(recorder, None, {"goAway": {"timeLeft": "9.500s"}}) as session:
        message = next(session.messages(timeout=SOON))
    assert message.go_away.time_left.total_seconds() == 9.5
    assert to_json_dict(message) == {"goAway": {"timeLeft": "9.500s"}}


def test_6_unknown_enum_values_are_kept_from_the_server_and_refused_from_the_user(recorder):
    """Silently, as a newer server is no fault of the user's."""
    with connected(recorder, None, {"usageMetadata": {"trafficType": "NEW_TRAFFIC"}}) as session:
        message = next(session.receive(timeout=SOON))
    assert message.usage_metadata.traffic_type == "NEW_TRAFFIC"
    with client(recorder) as live_client, pytest.raises(ConfigurationError, match="media_resolution"):
        live_client.live.connect(model=MODEL, config={"media_resolution": "MEDIA_RESOLUTION_SUPER"})


def test_6_base64_is_standard_both_ways(recorder):
    """Whatever alphabet came, the standard one goes out."""
    frame = {"serverContent": {"modelTurn": {"parts": [{"thoughtSignature": "-_8"}]}}}
    with connected(recorder, None, frame) as session:
        message = next(session.receive(timeout=SOON))
    assert to_json_dict(message)["serverContent"]["modelTurn"]["parts"] == [{"thoughtSignature": "+/8="}]
