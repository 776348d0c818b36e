"""Recordings: what of a client is compared, when it is answered, and which ones are refused."""

import base64
import copy

import pytest
import yaml

from genai_live.emulator import Emulator, ScenarioMismatch
from genai_live.emulator.endpoints import Endpoint
from genai_live.emulator.script import load_script
from genai_live.emulator.validation import read_client_message
from genai_live.errors import ConfigurationError
from tests.emulator.live_client import talk, talk_set_up, text_of


def sent(**message):
    """What a recorded client sent."""
    return {"kind": "message", "direction": "sent", "data": message}


def received(text, **content):
    """What the service then sent."""
    parts = [{"text": text}]
    message = {"serverContent": {"modelTurn": {"parts": parts}} | content}
    return {"kind": "message", "direction": "received", "data": message}


def recorded(*interactions, model="models/gemini-2.5-flash-native-audio-latest"):
    """A recording in which this follows the setup."""
    complete = {"kind": "message", "direction": "received", "data": {"setupComplete": {}}}
    return {"version": 1, "interactions": [sent(setup={"model": model}), complete, *interactions]}


def content(*texts, complete=True):
    """A message with turns of the user and the model, in alternation."""
    turns = [{"role": ("user", "model")[i % 2], "parts": [{"text": text}]} for i, text in enumerate(texts)]
    return {"clientContent": {"turns": turns, "turnComplete": complete}}


def audio(seconds, rate=16_000):
    """A message with silence."""
    data = base64.b64encode(bytes(2 * round(seconds * rate))).decode()
    return {"realtimeInput": {"audio": {"mimeType": f"audio/pcm;rate={rate}", "data": data}}}


STREAM_END = {"realtimeInput": {"audioStreamEnd": True}}
ACTIVITY_END = {"realtimeInput": {"activityEnd": {}}}


class Conversation:
    """A client's messages, to a replayed recording."""

    def __init__(self, script, model="models/gemini-2.5-flash-native-audio-latest"):
        self._replay = load_script(script)()
        self.opening = messages_of(self._replay.begin({"model": model}))

    def send(self, message):
        """The texts that the model says to this message."""
        normal = read_client_message(message, Endpoint("gemini", "v1alpha"))
        parts = [
            message["serverContent"]["modelTurn"]["parts"]
            for message in messages_of(self._replay.reply(normal))
        ]
        return [part["text"] for (part,) in parts]


def messages_of(answers):
    """What is sent; the service's end of a turn is not added to it."""
    assert not any(answer.completes_turn for answer in answers)
    return [action.message for answer in answers for action in answer.actions]


SEEDED = recorded(
    sent(client_content={"turns": content("A", "B")["clientContent"]["turns"], "turnComplete": False}),
    sent(**content("C")),
    received("Yes"),
)


@pytest.mark.parametrize(
    "messages",
    [
        [content("A", "B", complete=False), content("C")],
        [content("A", "B", "C")],
        [content("A", "B", "C", complete=False), {"client_content": {"turn_complete": True}}],
        [content("A", "B", complete=False), {"realtimeInput": {"text": "C"}}],
        [content("A", "B", complete=False), audio(0.1), {"contextUpdate": {}}, content("C"), audio(0.1)],
        [
            {
                "clientContent": {
                    "turns": [
                        {"parts": [{"text": "A"}]},
                        {"role": "model", "parts": [{"text": "B"}]},
                        {"parts": [{"inlineData": {"mimeType": "image/png", "data": ""}}, {"text": "C"}]},
                    ],
                    "turnComplete": True,
                }
            }
        ],
    ],
)
def test_turns_are_compared_and_not_how_they_are_packed(messages):
    """The same texts in the same roles are the same, in however many messages, with or without media."""
    conversation = Conversation(SEEDED)
    said = [text for message in messages for text in conversation.send(message)]
    assert said == ["Yes"]


CALLED = recorded(
    sent(**content("A")),
    received("Let me see"),
    sent(
        toolResponse={
            "functionResponses": [
                {"name": "f", "id": "1", "response": {"output": 1}},
                {"name": "g", "id": "2", "response": {"output": 2}},
            ]
        }
    ),
    received("Yes"),
)


CALL_1 = "the response of f to call 1"


def responses(*calls):
    """A message with responses to these calls, each a name and perhaps an id."""
    written = [dict(zip(("name", "id"), call, strict=False)) | {"response": {}} for call in calls]
    return {"toolResponse": {"functionResponses": written}}


@pytest.mark.parametrize(
    "messages",
    [
        [responses(("f", "1"), ("g", "2"))],
        [responses(("g", "2"), ("f", "1"))],
        [responses(("g", "2")), responses(("f", "1"))],
        [responses(("f",), ("g",))],
    ],
)
def test_function_responses_come_in_any_order(messages):
    """They are told by the function's name and the call's id, if given; not by what the function gave."""
    conversation = Conversation(CALLED)
    assert conversation.send(content("A")) == ["Let me see"]
    *before, last = messages
    for message in before:
        assert conversation.send(message) == []
    assert conversation.send(last) == ["Yes"]


@pytest.mark.parametrize(
    ("script", "messages", "mismatch"),
    [
        (SEEDED, [content("X", "B", "C")], "interactions[2]: expected 'A' as user; got 'X' as user"),
        (SEEDED, [content("A")], "interactions[2]: expected 'B' as model; got turnComplete"),
        (SEEDED, [content("A", "B", "C", "D")], "interactions[2]: expected turnComplete; got 'D' as model"),
        (SEEDED, [content("A", "B", "C")] * 2, "the recording has ended; got 'A' as user"),
        (
            recorded(sent(**content("A")), received("Yes"), sent(**audio(1))),
            [content("A"), content("B")],
            "the recording has ended; got 'B' as user",
        ),
        (
            CALLED,
            [responses(("f", "1"))],
            "interactions[2]: expected 'A' as user; got the response of f to call 1",
        ),
        (
            CALLED,
            [content("A"), responses(("h",))],
            f"interactions[4]: expected {CALL_1} or the response of g to call 2; got the response of h",
        ),
        (
            CALLED,
            [content("A"), responses(("f", "1"), ("g", "1"))],
            "interactions[4]: expected the response of g to call 2; got the response of g to call 1",
        ),
        (
            recorded(sent(**audio(1)), received("Yes")),
            [content("A")],
            "interactions[2]: expected more audio, or its end; got 'A' as user",
        ),
    ],
)
def test_what_was_not_written_in_the_recording_is_a_mismatch(script, messages, mismatch):
    """It says where in the recording, what was expected there, and what came."""
    conversation = Conversation(script)
    *before, last = messages
    for message in before:
        conversation.send(message)
    with pytest.raises(ScenarioMismatch) as raised:
        conversation.send(last)
    assert str(raised.value) == mismatch


def test_a_mismatch_ends_the_connection():
    """It closes it with 1008; it is recorded, and raised at the end."""

    def run():
        with Emulator(script=SEEDED) as emulator, talk_set_up(emulator) as client:
            client.send(content("X"))
            assert client.receive_close() == (1008, "interactions[2]: expected 'A' as user; got 'X' as user")

    with pytest.raises(ScenarioMismatch, match=r"^connections\[0\]: interactions\[2\]: "):
        run()


def test_a_recording_of_the_other_service_is_a_mismatch():
    """What one service says is not read as the other's."""
    vertex = recorded(model="publishers/google/models/m")
    for model in ("publishers/google/models/n", "projects/p/locations/l/publishers/google/models/n"):
        assert Conversation(vertex, model).opening == [{"setupComplete": {}}]
        with pytest.raises(ScenarioMismatch, match="made with the Gemini API; got the model 'p"):
            Conversation(recorded(), model)
    with pytest.raises(ScenarioMismatch, match="made with Vertex AI; got the model 'models/m'"):
        Conversation(vertex, "models/m")


def test_models_and_settings_are_not_compared():
    """A recording outlives its model: any name will do, with any setup, in every connection."""
    script = recorded(sent(**content("A")), received("Yes"), model="models/of-old")
    with Emulator(script=script) as emulator:
        for model in ("models/of-old", "models/gemini-3.8-live", "models/to-come"):
            with talk(emulator) as client:
                setup = {"generationConfig": {"responseModalities": ["TEXT"]}}
                assert client.set_up(model, **setup) == {"setupComplete": {}}
                client.send(content("A"))
                assert text_of([client.receive()]) == "Yes"


SPOKEN_TO = recorded(*[sent(**audio(0.1))] * 10, received("Yes"))


@pytest.mark.parametrize(
    "messages",
    [
        [audio(0.1)] * 10,
        [audio(0.02)] * 50,
        [audio(0.9), audio(3)],
        [audio(0.1, 8_000)] * 10,
        [audio(0.1)] * 9 + [audio(0.095, 44_100)],
        [{"realtimeInput": {"mediaChunks": [audio(0.1)["realtimeInput"]["audio"]] * 5}}] * 2,
        [audio(0.5), {"realtimeInput": {"video": {"mimeType": "image/png", "data": ""}}}, audio(0.5)],
    ],
)
def test_an_answer_to_speech_comes_after_as_much_audio(messages):
    """Neither what is in the audio matters, nor its rate and chunks: only how long it is."""
    conversation = Conversation(SPOKEN_TO)
    *before, last = messages
    for message in before:
        assert conversation.send(message) == []
    assert conversation.send(last) == ["Yes"]
    assert conversation.send(audio(5)) == []


@pytest.mark.parametrize("end", [STREAM_END, ACTIVITY_END])
def test_a_client_that_has_spoken_is_answered_at_once(end):
    """The end of its stream or activity stands for the audio that is left in the turn."""
    script = recorded(
        *[sent(**audio(1))] * 3,
        received("One"),
        sent(**audio(1)),
        received("!", turnComplete=True),
        sent(**audio(1)),
        received("Two", turnComplete=True),
    )
    conversation = Conversation(script)
    assert conversation.send(audio(0.3)) == []
    assert conversation.send(end) == ["One", "!"]
    assert conversation.send(audio(0.9)) == []
    assert conversation.send(audio(0.1)) == ["Two"]


@pytest.mark.parametrize("end", [STREAM_END, ACTIVITY_END])
def test_a_recorded_end_of_speech_is_waited_for(end):
    """However much audio comes; and each utterance has its own."""
    script = recorded(
        *(sent(**audio(1)), sent(**end), received("One", turnComplete=True)),
        *(sent(**audio(1)), sent(**end), sent(contextUpdate={}), received("Two", turnComplete=True)),
    )
    conversation = Conversation(script)
    for answer in ("One", "Two"):
        assert conversation.send(audio(2)) == []
        assert conversation.send(end) == [answer]


def test_audio_that_goes_on_takes_the_end_of_the_stream_back():
    """What came before the end is no answer to what is said after it."""
    script = recorded(sent(**content("A")), received("One"), *[sent(**audio(1))] * 2, received("Two"))
    conversation = Conversation(script)
    conversation.send(STREAM_END)
    conversation.send(audio(0.5))
    assert conversation.send(content("A")) == ["One"]
    assert conversation.send(audio(0.5)) == []
    assert conversation.send(STREAM_END) == ["Two"]


def test_audio_beside_what_is_written_is_not_waited_for():
    """A client without a microphone gets the answers to what it writes."""
    script = recorded(
        sent(**audio(1)),
        sent(**content("A")),
        sent(**audio(1)),
        received("One"),
        sent(contextUpdate={}),
        received("Two"),
        sent(**content("B")),
        sent(**audio(1)),
    )
    conversation = Conversation(script)
    assert conversation.send(content("A")) == ["One", "Two"]
    assert conversation.send(content("B")) == []


def test_what_waits_for_nothing_comes_at_once():
    """Where the client sent only what is not compared, the service is taken to have gone on by itself."""
    frame = {"video": {"mimeType": "image/png", "data": ""}}
    script = recorded(sent(realtimeInput=frame), received("Zero"), sent(**content("A")), received("One"))
    conversation = Conversation(script)
    assert len(conversation.opening) == 2
    assert conversation.send(content("A")) == ["One"]


def test_audio_that_is_no_pcm_is_refused():
    """As the service does."""
    with Emulator(script=SPOKEN_TO) as emulator, talk_set_up(emulator) as client:
        client.send({"realtimeInput": {"audio": {"mimeType": "audio/mpeg", "data": "AAAA"}}})
        assert client.receive_close() == (1007, "Request contains an invalid argument.")


def without(script, *path):
    """The recording without what stands at a path."""
    script = copy.deepcopy(script)
    *parents, last = path
    place = script
    for key in parents:
        place = place[key]
    del place[last]
    return script


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ({"version": 1, "interactions": {}}, "interactions: must be a list of messages"),
        (
            {"interactions": [], "steps": []},
            "script: 'steps' is not known here; there are version, interactions",
        ),
        (
            {"version": 1, "interactions": ["x"]},
            "interactions[0]: must be a mapping with kind, direction, data",
        ),
        (SEEDED | {"version": 2}, "version: must be 1"),
        (without(SEEDED, "version"), "version: must be 1"),
        ({"version": 1, "interactions": []}, "interactions: must begin with the setup, and "),
        (without(SEEDED, "interactions", 0), "interactions: must begin with the setup, and "),
        (without(SEEDED, "interactions", 1), "interactions: must begin with the setup, and "),
        (without(SEEDED, "interactions", 2, "kind"), "interactions[2].kind: must be 'message'"),
        (without(SEEDED, "interactions", 2, "direction"), "interactions[2].direction: must be 'sent' or"),
        (without(SEEDED, "interactions", 2, "data"), "interactions[2].data: must be a mapping"),
        (recorded(model=3), "interactions[0].data.setup.model: must be a text"),
        (
            recorded({"kind": "message", "direction": "received", "data": {"a": float("nan")}}),
            "interactions[2].data.a: nan cannot be said in JSON",
        ),
        (
            recorded(sent(type="response.create")),
            "interactions[2].data: is nothing that the service takes: Invalid JSON payload received. ",
        ),
        (
            recorded(sent(realtimeInput={"audio": {"mimeType": "audio/mpeg", "data": ""}})),
            "interactions[2].data: is nothing that the service takes: Request contains an invalid argument.",
        ),
        (
            recorded(sent(setup={"model": "models/x"})),
            "interactions[2].data: is the setup of a second session",
        ),
    ],
)
def test_a_malformed_recording_is_refused_with_its_place(tmp_path, script, message):
    """The error names the path in the recording, and the file if there is one."""
    with pytest.raises(ConfigurationError) as raised:
        Emulator(script=script)
    assert str(raised.value).startswith(message)
    path = tmp_path / "recording.yaml"
    path.write_text(yaml.safe_dump(script), "utf-8")
    with pytest.raises(ConfigurationError) as raised:
        Emulator(script=path)
    assert str(raised.value).startswith(f"{path}: {message.removeprefix('script: ')}")
