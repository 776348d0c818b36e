"""Music, made for the official SDKs."""

import base64

import pytest

pytestmark = pytest.mark.filterwarnings("ignore:Realtime music generation is experimental")

PIANO = {"text": "a calm piano", "weight": 1}
STRINGS = {"text": "soft strings", "weight": 0.5}


def set_prompts(*prompts):
    """Set the prompts."""
    return {"do": "set_prompts", "prompts": prompts}


def set_config(**config):
    """Set the settings."""
    return {"do": "set_config", "config": config}


def control(what):
    """Control the playback."""
    return {"do": what}


def receive_until(what):
    """Read until something comes: a key of the events."""
    return {"do": "receive", "until": what}


def chunks(events):
    """The events with music in them."""
    return [event for event in events if event.get("audio")]


def samples(event):
    """The sound; google-genai shows it in the other alphabet of base64."""
    return base64.b64decode(event["audio"].translate(str.maketrans("-_", "+/")))


def test_music_is_made(sdk):
    """Prompts and settings arrive, and the SDK reads two chunks of two seconds with what made them."""
    with sdk.emulator() as emulator:
        events = sdk.make_music(
            emulator,
            set_prompts(PIANO, STRINGS),
            set_config(bpm=90, brightness=0.7, scale="D_MAJOR_B_MINOR"),
            control("play"),
            receive_until("audio"),
            receive_until("audio"),
        )
        (connection,) = emulator.connections
        emulator.wait_until(lambda: connection.closed_by)
    assert connection.path.endswith(".GenerativeService.BidiGenerateMusic")
    assert (connection.closed_by, connection.close_code) == ("client", sdk.close_code)
    first, second = chunks(events)[:2]
    assert first["mime_type"] == "audio/l16;rate=48000;channels=2"
    assert len(samples(first)) == len(samples(second)) == 2 * 48_000 * 4
    assert first["made_by"] == {
        "clientContent": {"weightedPrompts": [PIANO, STRINGS]},
        "musicGenerationConfig": {"bpm": 90, "brightness": 0.7, "scale": "D_MAJOR_B_MINOR"},
    }


def test_music_is_controlled(sdk):
    """It pauses and goes on, and after a stop it begins anew."""
    with sdk.emulator(time_scale=1) as emulator:
        events = sdk.make_music(
            emulator,
            set_prompts(PIANO),
            control("play"),
            receive_until("audio"),
            control("pause"),
            control("play"),
            receive_until("audio"),
            control("stop"),
            control("play"),
            receive_until("audio"),
            control("reset_context"),
        )
        (connection,) = emulator.connections
    first, second, third = map(samples, chunks(events)[:3])
    assert first == third != second
    sent = [message["playbackControl"] for message in connection.received if "playbackControl" in message]
    assert sent == ["PLAY", "PAUSE", "PLAY", "STOP", "PLAY", "RESET_CONTEXT"]


def test_a_filtered_prompt_is_told(sdk):
    """The SDK's caller learns which one, and why."""
    with sdk.emulator() as emulator:
        events = sdk.make_music(
            emulator, set_prompts(PIANO, {"text": "[filtered]", "weight": 1}), receive_until("filtered")
        )
    assert events[-1]["filtered"] == {
        "text": "[filtered]",
        "filteredReason": "The prompt holds [filtered], which the emulator filters.",
    }


@pytest.mark.parametrize(
    ("arguments", "step", "code", "reason"),
    [
        ({"key": "a-bad-key"}, None, 1007, "API key not valid."),
        ({"model": "gemini-3.8-live"}, None, 1008, "models/gemini-3.8-live is not found"),
        ({}, set_config(bpm=201), 1007, "Request contains an invalid argument."),
        ({}, set_prompts({"text": "x", "weight": 0}), 1007, "Request contains an invalid argument."),
    ],
    ids=["wrong key", "wrong model", "out of range", "no weight"],
)
def test_refusals(sdk, arguments, step, code, reason):
    """The SDK tells its caller the code and the reason."""
    arguments = {"key": "a-good-key"} | arguments
    steps = [step] if step else []
    with sdk.emulator(api_keys=["a-good-key"]) as emulator:
        events = sdk.make_music(emulator, *steps, receive_until("audio"), **arguments)
    told_code, told_reason = events[-1]["refusal"]
    assert told_code == code
    assert told_reason.startswith(reason)
