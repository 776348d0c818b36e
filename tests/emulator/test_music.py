"""Music: what it sounds like, how it is steered, and what is refused."""

import base64
import itertools
import time

import numpy as np
import pytest

from genai_live.emulator import Emulator
from genai_live.emulator.music_synthesis import CHANNELS, RATE, Band, Style
from tests.emulator.live_client import GEMINI, VERTEX, talk, talk_set_up
from tests.timing import scaled

MUSIC = GEMINI.replace("BidiGenerateContent", "BidiGenerateMusic")
MODEL = "models/lyria-realtime-exp"
PIANO = {"text": "a calm piano", "weight": 1.0}
INVALID = (1007, "Request contains an invalid argument.")


def play_music(emulator):
    """Open a connection with one prompt."""
    return talk_set_up(emulator, path=MUSIC, model=MODEL)


def set_prompts(client, *prompts):
    """Set the prompts."""
    client.send({"clientContent": {"weightedPrompts": prompts}})


def control(client, what):
    """Control the playback."""
    client.send({"playbackControl": what})


def set_config(client, **config):
    """Set the settings."""
    client.send({"musicGenerationConfig": config})


def receive_chunk(client):
    """The next chunk; nothing else may come."""
    (chunk,) = client.receive()["serverContent"]["audioChunks"]
    return chunk


def receive_until(client, condition):
    """Receive chunks up to the first one that was made so."""
    for _ in range(20):
        message = client.receive()
        if "serverContent" in message:
            (chunk,) = message["serverContent"]["audioChunks"]
            if condition(chunk["sourceMetadata"]):
                return chunk
    raise AssertionError("it was never made so")


def skip_to(client, news):
    """Receive up to news of a kind, such as a warning, and return them with the chunks before them."""
    messages = [client.receive()]
    while news not in messages[-1]:
        assert len(messages) < 20, f"no {news} comes"
        messages.append(client.receive())
    return messages.pop(), messages


def has_config(**config):
    """The condition that all of these settings, and no others, were heeded."""
    return lambda metadata: metadata["musicGenerationConfig"] == config


def heard(seconds=8, **style):
    """A band plays for a while, left and right mixed."""
    return Band().play(Style(**style), round(seconds * RATE)).mean(axis=1)


def loudness_above(sound, hertz):
    """The share of the sound's power that lies above a frequency."""
    power = np.abs(np.fft.rfft(sound)) ** 2
    return power[np.fft.rfftfreq(len(sound), 1 / RATE) > hertz].sum() / power.sum()


def loudness_at(sound, hertz):
    """The share of the sound's power that lies within 3 Hz of a frequency."""
    power = np.abs(np.fft.rfft(sound)) ** 2
    return power[np.abs(np.fft.rfftfreq(len(sound), 1 / RATE) - hertz) < 3].sum() / power.sum()


def onsets(sound):
    """How often something begins to sound: the level rises to four times that of 30 ms before."""
    levels = np.abs(sound[: len(sound) // 480 * 480].reshape(-1, 480)).mean(axis=1)
    rising = levels[3:] > 4 * levels[:-3] + 100
    return int(np.sum(rising[1:] & ~rising[:-1])) + 1


# -- the sound ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bpm", [60, 97, 120, 200])
def test_the_tempo_can_be_heard(bpm):
    """The drums strike once in a beat."""
    sound = heard(seconds=60, bpm=bpm, melody=False, bass=False)
    assert onsets(sound) == pytest.approx(bpm, abs=1)


def test_the_brightness_can_be_heard():
    """A brighter melody has more overtones."""
    shares = [
        loudness_above(heard(brightness=brightness, drums=False), 1000) for brightness in (0, 0.3, 0.6, 1)
    ]
    assert all(duller < brighter / 1.5 for duller, brighter in itertools.pairwise(shares))


def test_the_density_can_be_heard():
    """A denser melody has more notes in a beat."""
    counts = [
        onsets(heard(density=density, bpm=60, bass=False, drums=False)) for density in (0, 0.33, 0.67, 1)
    ]
    assert counts == pytest.approx([8, 16, 24, 32], abs=1)


def test_the_key_can_be_heard():
    """The bass plays the keynote."""
    c, d = heard(key=0, melody=False, drums=False), heard(key=2, melody=False, drums=False)
    assert loudness_at(c, 65.4) > 10 * loudness_at(d, 65.4)
    assert loudness_at(d, 73.4) > 10 * loudness_at(c, 73.4)


def test_each_player_can_be_missing():
    """Without bass nothing is low, without drums nothing is very high, without melody nothing is between."""

    def low(sound):
        return 1 - loudness_above(sound, 120)

    def high(sound):
        return loudness_above(sound, 12_000)

    def middle(sound):
        return loudness_above(sound, 250) - loudness_above(sound, 3_000)

    assert low(heard()) > 10 * low(heard(bass=False))
    assert high(heard()) > 10 * high(heard(drums=False))
    assert middle(heard()) > 10 * middle(heard(melody=False, drums=False))


def test_pieces_join_without_a_seam():
    """However the sound is cut, it is the same, and it never clips."""
    whole = Band().play(Style(), 3 * RATE)
    band = Band()
    pieces = [band.play(Style(), length) for length in (1, 479, RATE, 2 * RATE - 480)]
    assert np.array_equal(whole, np.concatenate(pieces))
    assert whole.shape == (3 * RATE, CHANNELS)
    loudest = Band().play(Style(brightness=1, density=1), 8 * RATE)
    assert 8_000 < np.abs(loudest.astype(int)).max() < 32_000


# -- the stream --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["v1", "v1beta", "v1alpha"])
def test_music_is_made_in_every_version(emulator, version):
    """Nothing comes before PLAY; then chunks of two seconds, 48 kHz, stereo, 16 bits, with what made them."""
    with talk(emulator, MUSIC.replace("v1beta", version)) as client:
        assert client.set_up(MODEL) == {"setupComplete": {}}
        set_prompts(client, PIANO)
        set_config(client, bpm=100, temperature=1.5)
        control(client, "PLAY")
        chunk = receive_chunk(client)
    assert len(base64.b64decode(chunk["data"])) == 2 * 48_000 * 2 * 2
    assert chunk["mimeType"] == "audio/l16;rate=48000;channels=2"
    assert chunk["sourceMetadata"] == {
        "clientContent": {"weightedPrompts": [PIANO]},
        "musicGenerationConfig": {"bpm": 100, "temperature": 1.5},
    }


def test_it_comes_in_real_time():
    """The first chunk at once, and another whenever one has been played."""
    with Emulator(time_scale=0.2) as emulator, play_music(emulator) as client:
        set_prompts(client, PIANO)
        start = time.monotonic()
        control(client, "PLAY")
        for _ in range(4):
            receive_chunk(client)
    assert 1.1 <= client.received_at - start < 1.2 + scaled(1)


def test_without_pauses_it_is_no_flood(emulator):
    """At a time scale of 0 there are ten chunks a second at most."""
    with play_music(emulator) as client:
        set_prompts(client, PIANO)
        start = time.monotonic()
        control(client, "PLAY")
        for _ in range(6):
            receive_chunk(client)
    assert client.received_at - start >= 0.4


def test_a_pause_goes_on_where_it_was(emulator):
    """PAUSE holds the music, PLAY goes on: what is heard is what would have been without."""
    with play_music(emulator) as client:
        set_prompts(client, PIANO)
        control(client, "PLAY")
        data = base64.b64decode(receive_chunk(client)["data"])
        control(client, "PAUSE")
        set_prompts(client, {"text": "[filtered]", "weight": 1})
        _, on_their_way = skip_to(client, "filteredPrompt")
        for message in on_their_way:
            data += base64.b64decode(message["serverContent"]["audioChunks"][0]["data"])
        with pytest.raises(TimeoutError):
            client.socket.recv(0.5)
        control(client, "PLAY")
        data += base64.b64decode(receive_chunk(client)["data"])
        control(client, "STOP")
    with play_music(emulator) as client:
        set_prompts(client, PIANO)
        control(client, "PLAY")
        whole = b""
        while len(whole) < len(data):
            whole += base64.b64decode(receive_chunk(client)["data"])
    assert data == whole


def test_stop_begins_anew_and_keeps_the_prompts(emulator):
    """After STOP and PLAY the first chunk is the first one again."""
    with play_music(emulator) as client:
        set_prompts(client, PIANO)
        control(client, "PLAY")
        first = receive_chunk(client)
        assert receive_chunk(client) != first
        control(client, "STOP")
        set_prompts(client, {"text": "[filtered]", "weight": 1})
        skip_to(client, "filteredPrompt")
        control(client, "PLAY")
        assert receive_chunk(client) == first


def test_some_settings_are_heeded_at_once_and_some_with_the_context(emulator):
    """Density changes in the next chunk; bpm and scale after RESET_CONTEXT, of which a warning tells."""
    with play_music(emulator) as client:
        set_prompts(client, PIANO)
        set_config(client, bpm=100)
        control(client, "PLAY")
        receive_until(client, has_config(bpm=100))
        set_config(client, bpm=160, scale="D_MAJOR_B_MINOR", density=1)
        warning, _ = skip_to(client, "warning")
        assert warning == {"warning": "bpm and scale take effect after RESET_CONTEXT, or STOP and PLAY."}
        receive_until(client, has_config(bpm=100, density=1))
        control(client, "RESET_CONTEXT")
        receive_until(client, has_config(bpm=160, scale="D_MAJOR_B_MINOR", density=1))


def test_each_config_replaces_the_one_before(emulator):
    """What is not given again is gone."""
    with play_music(emulator) as client:
        set_prompts(client, PIANO)
        set_config(client, density=1, brightness=1)
        set_config(client, brightness=0.5)
        control(client, "PLAY")
        receive_until(client, has_config(brightness=0.5))


def test_mutes_are_heeded(emulator):
    """With muteDrums the very high sounds are gone, and with onlyBassAndDrums the melody."""
    with play_music(emulator) as client:
        set_prompts(client, PIANO)
        set_config(client, muteDrums=True)
        control(client, "PLAY")
        quiet = _samples(receive_until(client, has_config(muteDrums=True)))
        set_config(client, onlyBassAndDrums=True, muteDrums=True)
        condition = has_config(onlyBassAndDrums=True, muteDrums=True)
        receive_until(client, condition)
        bass = _samples(receive_until(client, condition))
    assert loudness_above(quiet, 12_000) < 1e-4
    assert loudness_above(quiet, 250) > 10 * loudness_above(bass, 250)


def _samples(chunk):
    return np.frombuffer(base64.b64decode(chunk["data"]), "<i2").reshape(-1, 2).mean(axis=1)


def test_other_prompts_are_another_tune(emulator):
    """New prompts are heeded while the music plays."""
    with play_music(emulator) as client:
        set_prompts(client, PIANO)
        control(client, "PLAY")
        first = receive_chunk(client)
        control(client, "STOP")
        techno = {"text": "techno", "weight": 2}
        set_prompts(client, techno)
        control(client, "PLAY")
        other = receive_until(client, lambda made: made["clientContent"] == {"weightedPrompts": [techno]})
        assert other["data"] != first["data"]


def test_a_filtered_prompt_is_ignored(emulator):
    """It is told of, and the music goes on by the others; by those before, if there are no others."""
    filtered = {"text": "in the style of [filtered]", "weight": 1}
    with play_music(emulator) as client:
        set_prompts(client, filtered, PIANO)
        assert client.receive() == {
            "filteredPrompt": {
                "text": filtered["text"],
                "filteredReason": "The prompt holds [filtered], which the emulator filters.",
            }
        }
        set_prompts(client, filtered)
        assert "filteredPrompt" in client.receive()
        control(client, "PLAY")
        assert receive_chunk(client)["sourceMetadata"]["clientContent"] == {"weightedPrompts": [PIANO]}


def test_playing_without_prompts_is_warned_of(emulator):
    """And it plays."""
    with play_music(emulator) as client:
        control(client, "PLAY")
        assert client.receive() == {"warning": "There are no prompts; the music follows none."}
        receive_chunk(client)


def test_control_without_music_does_nothing(emulator):
    """PAUSE, STOP and RESET_CONTEXT before PLAY; a second PLAY while it plays."""
    with play_music(emulator) as client:
        for what in ("PAUSE", "STOP", "RESET_CONTEXT"):
            control(client, what)
        set_prompts(client, PIANO)
        control(client, "PLAY")
        control(client, "PLAY")
        assert receive_chunk(client) != receive_chunk(client)


# -- what is refused ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "message",
    [
        {"musicGenerationConfig": {name: value}}
        for name, values in {
            "temperature": (-0.1, 3.1),
            "topK": (0, 1001),
            "seed": (-1,),
            "guidance": (-0.1, 6.1),
            "bpm": (59, 201),
            "density": (-0.1, 1.1),
            "brightness": (-0.1, 1.1),
        }.items()
        for value in values
    ]
    + [
        {"clientContent": {}},
        {"clientContent": {"weightedPrompts": []}},
        {"clientContent": {"weightedPrompts": [{"text": "techno", "weight": 0}]}},
        {"clientContent": {"weightedPrompts": [{"text": "techno"}]}},
        {"clientContent": {"weightedPrompts": [{"weight": 1}]}},
        {"playbackControl": "PLAYBACK_CONTROL_UNSPECIFIED"},
        {},
    ],
    ids=str,
)
def test_wrong_values_are_refused(emulator, message):
    """What is out of range, prompts without text or weight, and a message that says nothing."""
    with play_music(emulator) as client:
        client.send(message)
        assert client.receive_close() == INVALID


@pytest.mark.parametrize(
    "config",
    [
        {"temperature": 0, "topK": 1, "seed": 0, "guidance": 0, "bpm": 60, "density": 0, "brightness": 0},
        {
            "temperature": 3,
            "topK": 1000,
            "seed": 2**31 - 1,
            "guidance": 6,
            "bpm": 200,
            "density": 1,
            "brightness": 1,
            "scale": "B_MAJOR_A_FLAT_MINOR",
            "musicGenerationMode": "VOCALIZATION",
        },
    ],
)
def test_the_ends_of_the_ranges_are_taken(emulator, config):
    """The least and the most of each setting."""
    with play_music(emulator) as client:
        set_prompts(client, PIANO)
        set_config(client, **config)
        control(client, "PLAY")
        receive_until(client, has_config(**config))


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ({"musicGenerationConfig": {"tempo": 3}}, "Unknown name \"tempo\" at 'music_generation_config'"),
        ({"musicGenerationConfig": {"scale": "H_MAJOR"}}, "Invalid value at 'music_generation_config.scale'"),
        ({"realtimeInput": {"text": "Hello"}}, 'Unknown name "realtimeInput"'),
        ({"playbackControl": "REWIND"}, "Invalid value at 'playback_control'"),
        ({"clientContent": {"turns": []}}, "Unknown name \"turns\" at 'client_content'"),
        ({"setup": {"model": MODEL}}, "setup must be the first message and only the first"),
    ],
)
def test_what_is_no_music_is_refused(emulator, message, reason):
    """A conversation has other messages than music, and each knows its own only."""
    with play_music(emulator) as client:
        client.send(message)
        code, told = client.receive_close()
    assert code == 1007
    assert reason in told


@pytest.mark.parametrize(
    ("path", "model", "method"),
    [
        (MUSIC, "models/gemini-3.8-live", "bidiGenerateMusic"),
        (MUSIC, "lyria-realtime-exp", "bidiGenerateMusic"),
        (GEMINI, MODEL, "bidiGenerateContent"),
    ],
)
def test_other_models_make_no_music(emulator, path, model, method):
    """A model that converses makes no music, one that makes music does not converse."""
    with talk(emulator, path) as client:
        client.send({"setup": {"model": model}})
        code, reason = client.receive_close()
    assert code == 1008
    assert reason.startswith(
        f"{model} is not found for API version v1beta, or is not supported for {method}."
    )


def test_vertex_has_no_music(emulator):
    """There is no such method."""
    with pytest.raises(Exception, match="404"), talk(emulator, VERTEX.replace("Content", "Music")):
        pass


def test_a_wrong_key_makes_no_music():
    """It is refused after the setup, as in a conversation."""
    with Emulator(time_scale=0, api_keys=["another"]) as emulator, talk(emulator, MUSIC) as client:
        client.send({"setup": {"model": MODEL}})
        assert client.receive_close() == (1007, "API key not valid. Please pass a valid API key.")
