"""Speech: heard, answered, interrupted, transcribed."""

import base64

import numpy as np
import pytest

from genai_live.emulator import Emulator
from tests.emulator.live_client import VERTEX, talk, talk_set_up, text_of, transcription_of

AUDIO = {"responseModalities": ["AUDIO"]}
MODEL_25 = "models/gemini-2.5-flash-native-audio-latest"
MODEL_38 = "models/gemini-3.8-live"


def tone(seconds, rate=16_000, hertz=220):
    """A sound that passes for a voice."""
    times = np.arange(round(seconds * rate)) / rate
    return (8000 * np.sin(2 * np.pi * hertz * times)).astype("<i2").tobytes()


def silence(seconds, rate=16_000):
    """No sound."""
    return bytes(2 * round(seconds * rate))


def hear(client, audio, rate=16_000, *, field="audio"):
    """Send audio in chunks of 100 ms."""
    for i in range(0, len(audio), size := rate // 10 * 2):
        blob = {
            "mimeType": f"audio/pcm;rate={rate}",
            "data": base64.b64encode(audio[i : i + size]).decode(),
        }
        client.send({"realtimeInput": {field: [blob] if field == "mediaChunks" else blob}})


def voice_of(turn):
    """The samples that a turn has said."""
    data = b"".join(
        base64.b64decode(part["inlineData"]["data"])
        for message in turn
        for part in message.get("serverContent", {}).get("modelTurn", {}).get("parts", ())
        if "inlineData" in part
    )
    return np.frombuffer(data, "<i2")


def contents(turn):
    """The server contents without voice and words."""
    quiet = [message.get("serverContent", {}) for message in turn]
    return [
        content for content in quiet if content.keys() & {"interrupted", "generationComplete", "turnComplete"}
    ]


@pytest.mark.parametrize("rate", [8_000, 16_000, 24_000, 44_100, 48_000])
@pytest.mark.parametrize("field", ["audio", "mediaChunks"])
def test_the_echo_has_the_voice_of_the_user(emulator, rate, field):
    """What was said comes back in 24 kHz, at its own pitch and length, whatever the rate it came at."""
    with talk_set_up(emulator, model=MODEL_25) as client:
        hear(client, silence(0.3, rate) + tone(1.0, rate, hertz=300) + silence(1.0, rate), rate, field=field)
        voice = voice_of(client.receive_turn())
    assert 1.0 <= len(voice) / 24_000 < 1.4
    middle = voice[len(voice) // 3 : len(voice) // 3 + 2400]
    pitch = np.argmax(np.abs(np.fft.rfft(middle))) * 10
    assert abs(pitch - 300) <= 10
    assert 7000 < middle.max() < 9000


def test_each_utterance_is_answered(emulator):
    """Silence ends an utterance; the next speech is another one, and interrupts nothing that is over."""
    with talk_set_up(emulator, model=MODEL_25) as client:
        for seconds in (0.5, 1.0):
            hear(client, tone(seconds) + silence(1.0))
            turn = client.receive_turn()
            assert abs(len(voice_of(turn)) / 24_000 - seconds) < 0.4
            assert contents(turn) == [{"generationComplete": True}, {"turnComplete": True}]


def test_the_end_of_the_stream_ends_an_utterance(emulator):
    """Without it the model would wait for silence; afterwards there may be more speech."""
    with talk_set_up(emulator, model=MODEL_25) as client:
        for _ in range(2):
            hear(client, tone(0.5))
            client.send({"realtimeInput": {"audioStreamEnd": True}})
            assert len(voice_of(client.receive_turn())) / 24_000 >= 0.5


def test_silence_and_faint_noise_are_no_speech(emulator):
    """The model says nothing until it is spoken to."""
    noise = (np.random.default_rng(1).standard_normal(16_000) * 60).astype("<i2").tobytes()
    with talk_set_up(emulator, model=MODEL_25, outputAudioTranscription={}) as client:
        hear(client, silence(1) + noise + silence(1))
        client.send({"realtimeInput": {"audioStreamEnd": True}})
        client.say("Hello")
        assert transcription_of(client.receive_turn()) == "Hello"


@pytest.mark.parametrize(
    ("detection", "ends"),
    [({"silenceDurationMs": 300}, True), ({"silenceDurationMs": 2000}, False), ({}, False)],
)
def test_the_silence_that_ends_an_utterance_can_be_set(emulator, detection, ends):
    """Two words with half a second between them are two utterances, or one."""
    config = {"automaticActivityDetection": detection}
    with talk_set_up(emulator, model=MODEL_25, realtimeInputConfig=config) as client:
        hear(client, tone(0.5) + silence(0.5) + tone(0.5))
        client.send({"realtimeInput": {"audioStreamEnd": True}})
        seconds = len(voice_of(client.receive_turn())) / 24_000
    assert seconds < 1 if ends else seconds > 1.3


def test_manual_activity(emulator):
    """With the detection switched off, what lies between the two marks is said back, a pause in it too."""
    config = {"automaticActivityDetection": {"disabled": True}}
    with talk_set_up(emulator, model=MODEL_25, realtimeInputConfig=config) as client:
        hear(client, tone(0.5))  # nobody is active
        client.send({"realtimeInput": {"activityStart": {}}})
        hear(client, tone(0.2) + silence(1.5) + tone(0.3))
        client.send({"realtimeInput": {"activityEnd": {}}})
        turn = client.receive_turn()
    assert len(voice_of(turn)) == 2 * 24_000


LONG_ANSWER = {"expect": "Tell me", "answer": "Once upon a time", "complete": False}


@pytest.mark.parametrize("way", ["speech", "text", "content", "activityStart"])
def test_the_user_interrupts_the_model(way):
    """interrupted, then turnComplete, no generationComplete; then the answer to what was said."""
    script = {
        "steps": [
            LONG_ANSWER,
            {"expect": "Stop" if way in ("text", "content") else {"speech": True}, "answer": "Yes"},
        ]
    }
    config = {"automaticActivityDetection": {"disabled": way == "activityStart"}}
    setup = {"model": MODEL_25, "realtimeInputConfig": config, "outputAudioTranscription": {}}
    with Emulator(script=script, time_scale=0) as emulator, talk_set_up(emulator, **setup) as client:
        client.say("Tell me")
        while transcription_of([client.receive()]) != " time":
            pass
        if way == "speech":
            hear(client, tone(0.5) + silence(1))
        elif way == "text":
            client.send({"realtimeInput": {"text": "Stop"}})
        elif way == "content":
            client.say("Stop")
        else:
            client.send({"realtimeInput": {"activityStart": {}}})
        assert contents(client.receive_turn()) == [{"interrupted": True}, {"turnComplete": True}]
        if way == "activityStart":
            client.send({"realtimeInput": {"activityEnd": {}}})
        turn = client.receive_turn()
    assert transcription_of(turn) == "Yes"
    assert contents(turn) == [{"generationComplete": True}, {"turnComplete": True}]


def test_the_model_is_interrupted_while_its_voice_is_played():
    """After generationComplete too, until turnComplete: the echo of a long question is cut off."""
    with Emulator(time_scale=0.5) as emulator, talk_set_up(emulator, model=MODEL_25) as client:
        hear(client, tone(4) + silence(1))
        while client.receive().get("serverContent") != {"generationComplete": True}:
            pass
        hear(client, tone(0.5))
        assert contents(client.receive_turn()) == [{"interrupted": True}, {"turnComplete": True}]


def test_the_user_does_not_interrupt_where_that_is_switched_off():
    """With NO_INTERRUPTION the answer is spoken to its end; what was said meanwhile is answered after it."""
    config = {"activityHandling": "NO_INTERRUPTION"}
    with (
        Emulator(time_scale=0.1) as emulator,
        talk_set_up(emulator, model=MODEL_25, realtimeInputConfig=config) as client,
    ):
        hear(client, tone(2) + silence(1))
        client.receive()
        hear(client, tone(0.5) + silence(1))
        first, second = client.receive_turn(), client.receive_turn()
    for turn in (first, second):
        assert contents(turn) == [{"generationComplete": True}, {"turnComplete": True}]
    assert len(voice_of(second)) / 24_000 < 1


@pytest.mark.parametrize("model", [MODEL_25, MODEL_38, "models/gemini-3.1-flash-live-preview"])
@pytest.mark.parametrize("asked", [True, False])
def test_what_was_said_is_transcribed_where_it_is_known(model, asked):
    """Word by word by 2.5, at once by the others, before the answer; if it was asked for."""
    script = {"steps": [{"expect": {"speech": "Is it raining?"}, "answer": "Yes"}]}
    setup = {"inputAudioTranscription": {}} if asked else {}
    with (
        Emulator(script=script, time_scale=0) as emulator,
        talk_set_up(emulator, model=model, **setup) as client,
    ):
        hear(client, tone(0.5) + silence(1))
        turn = client.receive_turn()
    heard = [
        message["serverContent"]["inputTranscription"]["text"]
        for message in turn
        if "inputTranscription" in message.get("serverContent", {})
    ]
    whole = ["Is", " it", " raining?"] if model == MODEL_25 else ["Is it raining?"]
    assert heard == (whole if asked else [])


def test_the_transcribing_model_writes_down_what_it_hears():
    """Partial transcripts, the whole one, generationComplete; no turnComplete, no usage, no answer."""
    script = {"steps": [{"expect": {"speech": "Is it raining?"}}]}
    with (
        Emulator(script=script, time_scale=0) as emulator,
        talk_set_up(emulator, model="models/gemini-3.5-transcribe-live") as client,
    ):
        hear(client, tone(0.5) + silence(1) + tone(0.5))  # a pause is no end
        client.send({"realtimeInput": {"audioStreamEnd": True}})
        messages = [client.receive()]
        while "generationComplete" not in messages[-1].get("serverContent", {}):
            messages.append(client.receive())
        client.send({"setup": {}})
        assert client.receive_close()[0] == 1007
    spoken = [message["serverContent"] for message in messages if "serverContent" in message]
    assert spoken == [
        {"interimInputTranscription": {"text": "Is"}},
        {"interimInputTranscription": {"text": "Is it"}},
        {"interimInputTranscription": {"text": "Is it raining?"}},
        {"inputTranscription": {"text": "Is it raining?"}},
        {"generationComplete": True},
    ]
    assert [message["voiceActivity"]["type"] for message in messages if "voiceActivity" in message] == [
        *["ACTIVITY_START", "ACTIVITY_END"] * 2
    ]
    assert not [message for message in messages if "usageMetadata" in message]


@pytest.mark.parametrize(("model", "reported"), [(MODEL_38, True), (MODEL_25, False)])
def test_3_8_reports_voice_activity(emulator, model, reported):
    """With the offset in the audio of the session, a little after the speech began, and after the silence."""
    with talk_set_up(emulator, model=model) as client:
        hear(client, silence(1) + tone(1) + silence(1))
        turn = client.receive_turn()
    activities = [message["voiceActivity"] for message in turn if "voiceActivity" in message]
    assert [activity["type"] for activity in activities] == (
        ["ACTIVITY_START", "ACTIVITY_END"] if reported else []
    )
    if reported:
        start, end = (float(activity["audioOffset"].removesuffix("s")) for activity in activities)
        assert 1.1 <= start <= 1.3
        assert 2.6 <= end <= 2.9


@pytest.mark.parametrize(
    "blob",
    [
        {"mimeType": "audio/opus", "data": "AAAA"},
        {"mimeType": "video/mp4", "data": ""},
        {"mimeType": "audio/pcm;rate=0", "data": ""},
    ],
)
def test_what_is_no_pcm_is_refused(emulator, blob):
    """The service takes raw PCM alone."""
    with talk_set_up(emulator) as client:
        client.send({"realtimeInput": {"audio": blob}})
        assert client.receive_close() == (1007, "Request contains an invalid argument.")


def test_speech_counts_in_the_usage(emulator):
    """25 tokens to a second, of the user's and of the model's; what was said is billed again later."""
    with talk_set_up(emulator, model=MODEL_25) as client:
        usages = []
        for _ in range(2):
            hear(client, tone(1) + silence(1))
            usages.append(client.receive_turn()[-1]["usageMetadata"])
    first, second = usages
    assert first["promptTokensDetails"] == [{"modality": "AUDIO", "tokenCount": 50}]
    (spoken,) = first["responseTokensDetails"]
    assert spoken["modality"] == "AUDIO"
    assert 25 <= spoken["tokenCount"] <= 35
    assert second["promptTokenCount"] >= 100 + spoken["tokenCount"] - 1


def test_a_voice_is_answered_in_writing_where_text_was_asked_for():
    """A spoken question to a session in TEXT."""
    script = {"steps": [{"expect": {"speech": "Is it raining?"}, "answer": "Yes"}]}
    text = {"responseModalities": ["TEXT"]}
    with (
        Emulator(script=script, time_scale=0) as emulator,
        talk_set_up(emulator, generationConfig=text) as client,
    ):
        hear(client, tone(0.5) + silence(1))
        assert text_of(client.receive_turn()) == "Yes"


def test_vertex_waits_longer_for_the_end(emulator):
    """Its default sensitivities are LOW: a pause of 0.8 s does not end an utterance there."""
    for path, model, utterances in (
        (None, MODEL_25, 2),
        (VERTEX, "publishers/google/models/gemini-live-2.5-flash", 1),
    ):
        with talk(emulator, **({"path": path} if path else {})) as client:
            client.set_up(model, generationConfig=AUDIO)
            hear(client, tone(0.5) + silence(0.8) + tone(0.5))
            client.send({"realtimeInput": {"audioStreamEnd": True}})
            seconds = len(voice_of(client.receive_turn())) / 24_000
            assert (seconds < 1) is (utterances == 2)
