"""Each family of models in its own way: the facts of the table in docs/emulator.md, line by line."""

import base64
from uuid import UUID

import pytest

from genai_live.emulator import Emulator
from genai_live.emulator.models import KNOWN_MODELS
from genai_live.errors import ConfigurationError
from tests.emulator.live_client import GEMINI, VERTEX, talk, text_of, transcription_of

INVALID_ARGUMENT = "Request contains an invalid argument."
MODELS = {
    "2.0": "gemini-2.0-flash-live-001",
    "2.5": "gemini-2.5-flash-native-audio-latest",
    "3.1": "gemini-3.1-flash-live-preview",
    "3.8": "gemini-3.8-live",
    "transcribe": "gemini-3.5-transcribe-live",
    "vertex-2.5": "gemini-live-2.5-flash",
}
CONVERSING = sorted(MODELS.keys() - {"transcribe"})
AUDIO = {"responseModalities": ["AUDIO"]}
FUNCTION = {"name": "f", "parameters": {"type": "OBJECT"}}
CALL = {"steps": [{"expect": "Go", "answer": {"call": {"name": "f"}}}]}


def where(profile):
    """The path of a profile's service, and its model as a setup there names it."""
    if profile == "vertex-2.5":
        return VERTEX, f"publishers/google/models/{MODELS[profile]}"
    return GEMINI, f"models/{MODELS[profile]}"


def refusal(emulator, profile, *messages, **setup):
    """What the service says to a setup, or to what follows it."""
    path, model = where(profile)
    with talk(emulator, path) as client:
        client.send({"setup": {"model": model, **setup}})
        for message in messages:
            client.send(message)
        return client.receive_close()


def turn_of(emulator, profile, text="Hello there, you", **setup):
    """The messages of one spoken turn."""
    path, model = where(profile)
    with talk(emulator, path) as client:
        client.set_up(model, generationConfig=AUDIO, outputAudioTranscription={}, **setup)
        client.say(text)
        return client.receive_turn()


def frames_of(turn):
    """What each message of a turn holds, in a word or two."""
    names = []
    for message in turn:
        content = message.get("serverContent", {})
        parts = content.get("modelTurn", {}).get("parts", [{}])
        kinds = ["thought"] if parts[0].get("thought") else []
        kinds += ["audio"] if "inlineData" in parts[0] else []
        kinds += ["words"] if "outputTranscription" in content else []
        kinds += [key for key in ("generationComplete", "turnComplete") if key in content]
        kinds += ["handle"] if "sessionResumptionUpdate" in message else []
        names.append("+".join(kinds) or "empty")
    return names


def audio_of(turn):
    """The bytes of each audio frame."""
    return [
        base64.b64decode(part["inlineData"]["data"])
        for message in turn
        for part in message.get("serverContent", {}).get("modelTurn", {}).get("parts", ())
        if "inlineData" in part
    ]


def without_repeats(names):
    """The names, each run of the same as one."""
    return [name for i, name in enumerate(names) if i == 0 or names[i - 1] != name]


@pytest.mark.parametrize("profile", sorted(MODELS))
def test_the_name_of_a_model_tells_its_profile(emulator, profile):
    """Without ``profile=`` a model is as with its own; with it, every model is as it says."""

    def shape(emulator, model):
        with talk(emulator) as client:
            client.set_up(f"models/{model}", outputAudioTranscription={}, inputAudioTranscription={})
            client.say("Hello there, you")
            turn = [client.receive()]
            while "generationComplete" not in turn[-1].get("serverContent", {}):
                turn.append(client.receive())
            return frames_of(turn)

    with Emulator(profile=profile, time_scale=0) as told:
        assert shape(emulator, MODELS[profile]) == shape(told, "gemini-3.8-live")
        assert shape(told, "gemini-3.8-live") == shape(told, "gemini-2.0-flash-live-001")


def test_a_profile_that_there_is_not():
    """The error names those that there are."""
    with pytest.raises(ConfigurationError, match=r"profile.*2.0, 2.5, 3.1, 3.8, transcribe, vertex-2.5"):
        Emulator(profile="3.7")


@pytest.mark.parametrize("model", sorted(KNOWN_MODELS))
def test_every_known_model_answers(emulator, model):
    """In its own modality, without a setting but the transcription."""
    with talk(emulator) as client:
        client.set_up(f"models/{model}", outputAudioTranscription={})
        client.say("Hello there")
        turn = [client.receive()]
        while "generationComplete" not in turn[-1].get("serverContent", {}):
            turn.append(client.receive())
    heard = [
        message.get("serverContent", {}).get("inputTranscription", {}).get("text", "") for message in turn
    ]
    assert "Hello there" in (text_of(turn), transcription_of(turn), "".join(heard))


@pytest.mark.parametrize("profile", CONVERSING)
def test_speech_is_24_khz_pcm(emulator, profile):
    """Whole samples; two to four words take about a second."""
    turn = turn_of(emulator, profile)
    pieces = audio_of(turn)
    assert all(len(piece) % 2 == 0 for piece in pieces)
    assert 0.5 < sum(map(len, pieces)) / 48_000 < 3
    assert transcription_of(turn) == "Hello there, you"
    frame = {"2.0": 0.06, "2.5": 0.06}.get(profile, 0.19)
    assert {len(piece) for piece in pieces[:-1]} == {round(frame * 24_000) * 2}
    kinds = {
        part["inlineData"]["mimeType"]
        for message in turn
        for part in message.get("serverContent", {}).get("modelTurn", {}).get("parts", ())
        if "inlineData" in part
    }
    assert kinds == {"audio/pcm" if profile == "vertex-2.5" else "audio/pcm;rate=24000"}


@pytest.mark.parametrize("profile", CONVERSING)
def test_speech_without_a_transcription_is_audio_alone(emulator, profile):
    """Words come only where they were asked for."""
    path, model = where(profile)
    with talk(emulator, path) as client:
        client.set_up(model, generationConfig=AUDIO)
        client.say("Hello there")
        turn = client.receive_turn()
    assert audio_of(turn)
    assert "words" not in frames_of(turn)
    assert "audio+words" not in frames_of(turn)


def test_words_stand_between_the_audio_on_2_5(emulator):
    """A thought, then words and audio mixed, one of them in each frame, without a role."""
    turn = turn_of(emulator, "2.5")
    names = frames_of(turn)
    assert names[0] == "thought"
    assert without_repeats(names[1:]) == [*["words", "audio"] * 3, "generationComplete", "turnComplete"]
    assert text_of(turn) == ""
    assert "role" not in turn[0]["serverContent"]["modelTurn"]
    words = [
        message["serverContent"]["outputTranscription"]["text"]
        for message in turn
        if message_has_words(message)
    ]
    assert words == ["Hello", " there,", " you"]


def message_has_words(message):
    """Whether it has some output transcription."""
    return bool(message.get("serverContent", {}).get("outputTranscription"))


def test_words_share_frames_with_the_audio_on_3_1(emulator):
    """An empty frame, then audio, with the words that begin in it; without a role."""
    turn = turn_of(emulator, "3.1")
    names = frames_of(turn)
    assert names[:3] == ["handle", "empty", "audio+words"]
    assert set(names[2:-2]) == {"audio", "audio+words"}
    assert "role" not in turn[2]["serverContent"]["modelTurn"]


def test_3_8_has_a_role_and_empty_frames(emulator):
    """As 3.1, with a role, and an empty frame now and then, of both forms."""
    turn = turn_of(emulator, "3.8", "Hello there, you, and good morning to everybody here")
    names = frames_of(turn)
    assert names[:4] == ["handle", "empty", "empty", "audio+words"]
    assert names[3:-2].count("empty") >= 2
    assert {} in turn[3:-2]
    assert {"serverContent": {}} in turn[3:-2]
    assert turn[3]["serverContent"]["modelTurn"]["role"] == "model"


def test_words_come_before_the_audio_on_vertex_2_5(emulator):
    """An empty transcription, the words, the mark that they are finished, then the audio, with a role."""
    turn = turn_of(emulator, "vertex-2.5")
    assert without_repeats(frames_of(turn)) == ["words", "audio", "generationComplete", "turnComplete"]
    words = [message["serverContent"]["outputTranscription"] for message in turn[:5]]
    assert words == [{}, {"text": "Hello"}, {"text": " there,"}, {"text": " you"}, {"finished": True}]
    assert turn[5]["serverContent"]["modelTurn"]["role"] == "model"
    assert turn[-1]["serverContent"] == {"turnComplete": True, "groundingMetadata": {}}
    assert "candidatesTokenCount" in turn[-1]["usageMetadata"]


@pytest.mark.parametrize("profile", CONVERSING)
def test_the_turn_is_complete_when_it_would_have_been_played(profile):
    """generationComplete comes well before; turnComplete not before the audio's length has passed."""
    path, model = where(profile)
    with Emulator(time_scale=0.25) as emulator, talk(emulator, path) as client:
        client.set_up(model, generationConfig=AUDIO)
        client.say("Hello there, you")
        turn = [client.receive()]
        times = {}
        while "turnComplete" not in times:
            for name in frames_of(turn[-1:]):
                times.setdefault(name, client.received_at)
            if "turnComplete" not in times:
                turn.append(client.receive())
    length = sum(map(len, audio_of(turn))) / 48_000 * 0.25
    assert times["turnComplete"] - times["audio"] > length * 0.9
    assert times["generationComplete"] < times["turnComplete"]


@pytest.mark.parametrize(
    ("profile", "modality", "reason"),
    [
        ("2.5", "TEXT", "Cannot extract voices from a non-audio request."),
        (
            "3.1",
            "TEXT",
            "The requested combination of response modalities (TEXT) is not supported by the model. ",
        ),
        (
            "3.8",
            "TEXT",
            "The requested combination of response modalities (TEXT) is not supported by the model. ",
        ),
        (
            "transcribe",
            "AUDIO",
            "The requested combination of response modalities (AUDIO) is not supported by the ",
        ),
        (
            "2.0",
            "IMAGE",
            "The requested combination of response modalities (IMAGE) is not supported by the model. ",
        ),
    ],
)
def test_a_modality_that_the_model_lacks(emulator, profile, modality, reason):
    """The setup is refused, in the words of the service; one reason names the model."""
    code, said = refusal(emulator, profile, generationConfig={"responseModalities": [modality]})
    assert code == 1007
    assert said.startswith(reason)
    assert len(said.encode()) <= 123


@pytest.mark.parametrize("profile", ["2.0", "vertex-2.5"])
def test_text_is_written_where_the_model_takes_it(emulator, profile):
    """Words as parts of the model's turn, and nothing to hear."""
    path, model = where(profile)
    with talk(emulator, path) as client:
        client.set_up(model, generationConfig={"responseModalities": ["TEXT"]})
        client.say("Hello there")
        turn = client.receive_turn()
    assert text_of(turn) == "Hello there"
    assert not audio_of(turn)


@pytest.mark.parametrize(
    ("profile", "setup", "handles"),
    [
        ("2.0", {}, 0),
        ("2.0", {"sessionResumption": {}}, 1),
        ("2.5", {}, 0),
        ("2.5", {"sessionResumption": {}}, 1),
        ("vertex-2.5", {}, 0),
        ("vertex-2.5", {"sessionResumption": {}}, 1),
        ("3.8", {}, 1),
        ("3.8", {"sessionResumption": {}}, 1),
        ("3.1", {}, 4),
        ("transcribe", {"sessionResumption": {}}, 0),
    ],
)
def test_resumption_handles(emulator, profile, setup, handles):
    """After the setup, after two turns and a tool response: each a new UUID."""
    path, model = where(profile)
    given = []
    with talk(emulator, path) as client:
        client.set_up(model, **setup)
        for message in (
            {"clientContent": {"turns": [{"role": "user", "parts": [{"text": "Hi"}]}], "turnComplete": True}},
            {"toolResponse": {"functionResponses": [{"id": "1", "name": "f", "response": {}}]}},
        ):
            client.send(message)
            while "generationComplete" not in (received := client.receive()).get("serverContent", {}):
                given += (
                    [received["sessionResumptionUpdate"]] if "sessionResumptionUpdate" in received else []
                )
    assert all(update["resumable"] for update in given)
    # The one after the last turn comes when nobody reads any more.
    assert len({UUID(update["newHandle"]) for update in given}) == (3 if handles == 4 else handles)


def test_a_handle_every_1_2_seconds_on_3_1():
    """3.1 gives handles while nothing is said."""
    with Emulator(time_scale=0.01) as emulator, talk(emulator) as client:
        client.set_up(f"models/{MODELS['3.1']}")
        assert all("sessionResumptionUpdate" in client.receive() for _ in range(4))


@pytest.mark.parametrize(
    ("profile", "function", "ends"),
    [
        ("2.0", FUNCTION, False),
        ("2.5", FUNCTION, False),
        ("2.5", {**FUNCTION, "behavior": "NON_BLOCKING"}, True),
        ("3.1", FUNCTION, False),
        ("3.8", FUNCTION, True),
        ("3.8", {**FUNCTION, "behavior": "BLOCKING"}, False),
        ("vertex-2.5", FUNCTION, True),
    ],
)
def test_whether_a_call_ends_the_turn(profile, function, ends):
    """It does where the function is NON_BLOCKING, the default of 3.8; and on Vertex 2.5."""
    path, model = where(profile)
    with Emulator(script=CALL, time_scale=0) as emulator, talk(emulator, path) as client:
        client.set_up(model, tools=[{"functionDeclarations": [function]}])
        client.say("Go")
        while "toolCall" not in client.receive():
            pass
        if not ends:
            client.send({"clientContent": {}})  # interrupts a turn that is not complete
        contents = [message.get("serverContent", {}) for message in client.receive_turn()]
    assert ({"interrupted": True} in contents) is not ends
    assert ({"generationComplete": True} in contents) is (profile == "vertex-2.5")


@pytest.mark.parametrize(
    ("profile", "pattern"),
    [("2.0", "function-call-"), ("2.5", "function-call-"), ("3.1", "fc_"), ("3.8", "fc_")],
)
def test_the_form_of_call_ids(profile, pattern):
    """As the service makes them, by model."""
    path, model = where(profile)
    with Emulator(script=CALL, time_scale=0) as emulator, talk(emulator, path) as client:
        client.set_up(model)
        client.say("Go")
        while "toolCall" not in (message := client.receive()):
            pass
    (call,) = message["toolCall"]["functionCalls"]
    assert call["id"].startswith(pattern)


def test_extended_thinking_tells_its_status():
    """Every turnComplete has it: the interaction goes on after a call, and is over after an answer."""
    script = {
        "steps": [
            *CALL["steps"],
            {"expect": {"toolResponse": {}}, "answer": "Done"},
        ]
    }
    with Emulator(script=script, time_scale=0) as emulator, talk(emulator) as client:
        client.set_up(
            "models/gemini-3.8-live-extended-thinking", tools=[{"functionDeclarations": [FUNCTION]}]
        )
        client.say("Go")
        assert client.receive_turn()[-1]["serverContent"]["interactionStatus"] == "IN_PROGRESS"
        client.send({"toolResponse": {"functionResponses": [{"id": "1", "name": "f", "response": {}}]}})
        assert client.receive_turn()[-1]["serverContent"]["interactionStatus"] == "IDLE"


SPEECH = {"mimeType": "audio/pcm", "data": ""}
TURN = {"role": "user", "parts": [{"text": "Hi"}]}
REALTIME_TEXT = {"realtimeInput": {"text": "Hi"}}
CONTENT = {"clientContent": {"turns": [TURN], "turnComplete": True}}
MANUAL = {"realtimeInputConfig": {"automaticActivityDetection": {"disabled": True}}}


@pytest.mark.parametrize(
    ("profile", "setup", "messages", "reason"),
    [
        ("3.8", {}, [{"clientContent": {"turns": [{"parts": [{"text": "Hi"}]}]}}], INVALID_ARGUMENT),
        ("3.8", {"generationConfig": {"thinkingConfig": {"thinkingLevel": "LOW"}}}, [], INVALID_ARGUMENT),
        (
            "3.1",
            {"tools": [{"functionDeclarations": [{**FUNCTION, "behavior": "NON_BLOCKING"}]}]},
            [],
            INVALID_ARGUMENT,
        ),
        ("3.1", {}, [REALTIME_TEXT, CONTENT], INVALID_ARGUMENT),
        ("3.1", MANUAL, [REALTIME_TEXT], "Precondition check failed."),
        (
            "3.1",
            {},
            [{"realtimeInput": {"mediaChunks": [SPEECH]}}],
            "realtime_input.media_chunks is deprecated. Use audio, video, or text instead.",
        ),
        (
            "2.5",
            {},
            [{"clientContent": {"turns": [{"parts": [{"inlineData": SPEECH}]}]}}],
            "Precondition check failed.",
        ),
        ("2.5", {}, [{"realtimeInput": {"video": {"mimeType": "audio/pcm", "data": ""}}}], INVALID_ARGUMENT),
        ("2.5", {"contextWindowCompression": {}}, [], INVALID_ARGUMENT),
    ],
)
def test_what_a_model_refuses(emulator, profile, setup, messages, reason):
    """The connection is closed with 1007 and the service's reason."""
    assert refusal(emulator, profile, *messages, **setup) == (1007, reason)


@pytest.mark.parametrize(
    ("setup", "messages"),
    [
        ({"proactivity": {"proactiveAudio": False}}, []),
        ({"generationConfig": {"enableAffectiveDialog": True}}, [CONTENT]),
    ],
)
def test_what_3_8_refuses_in_v1alpha(emulator, setup, messages):
    """Proactivity cannot be switched off; the affective dialog is taken, and content after it is not."""
    with talk(emulator, GEMINI.replace("v1beta", "v1alpha")) as client:
        client.send({"setup": {"model": "models/gemini-3.8-live", **setup}})
        for message in messages:
            assert client.receive() == {"setupComplete": {}}
            client.send(message)
        assert client.receive_close() == (1007, INVALID_ARGUMENT)


@pytest.mark.parametrize("profile", CONVERSING)
def test_content_before_realtime_input_is_taken_by_all(emulator, profile):
    """Two turns of content in one session, 3.1 included."""
    path, model = where(profile)
    with talk(emulator, path) as client:
        client.set_up(model)
        for _ in range(2):
            client.send(CONTENT)
            client.receive_turn()


def test_what_follows_a_call_that_ended_the_turn_is_a_new_turn():
    """3.8 goes on while the function runs: with a turn of its own, opened and ended as any other."""
    script = {
        "steps": [{"expect": "Go", "answer": [{"call": {"name": "f"}}, "One moment"], "complete": True}]
    }
    with Emulator(script=script, time_scale=0) as emulator, talk(emulator) as client:
        client.set_up("models/gemini-3.8-live", outputAudioTranscription={})
        client.say("Go")
        first, second = client.receive_turn(), client.receive_turn()
    assert "toolCall" in first[-2]
    names = frames_of(second)
    assert names[0] == "empty"
    assert names[-2:] == ["generationComplete", "turnComplete"]
    assert transcription_of(second) == "One moment"


def test_functions_block_on_vertex_ai():
    """3.8 too waits there for the response, unless the function is declared NON_BLOCKING."""
    script = {"steps": [{"expect": "Go", "answer": {"call": {"name": "f"}}}]}
    for declared, ends in ((FUNCTION, False), ({**FUNCTION, "behavior": "NON_BLOCKING"}, True)):
        with Emulator(script=script, time_scale=0) as emulator, talk(emulator, VERTEX) as client:
            client.set_up(
                "publishers/google/models/gemini-3.8-live", tools=[{"functionDeclarations": [declared]}]
            )
            client.say("Go")
            while "toolCall" not in client.receive():
                pass
            if not ends:
                client.send({"clientContent": {}})
            contents = [message.get("serverContent", {}) for message in client.receive_turn()]
            assert ({"interrupted": True} in contents) is not ends
