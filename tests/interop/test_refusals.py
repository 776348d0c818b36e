"""What the service refuses: the SDK tells its caller the code and the reason of the close."""

import pytest

from tests.interop.conversation import ApiKey, Gateway, receive_turn, say

MODEL = "gemini-3.8-live"


def test_a_wrong_key(sdk):
    """A key that is not good is refused with 1007."""
    with sdk.emulator(api_keys=["a-good-key"]) as emulator:
        transcript = sdk.converse(emulator, model=MODEL, access=ApiKey("a-bad-key"))
    assert transcript.refusal == (1007, "API key not valid. Please pass a valid API key.")


def test_no_key(sdk):
    """Without credentials, which the SDKs leave out only where they are given a whole address: 1008."""
    with sdk.emulator() as emulator:
        transcript = sdk.converse(emulator, model=MODEL, access=Gateway())
    code, reason = transcript.refusal
    assert code == 1008
    assert reason.startswith("Method doesn't allow unregistered callers")


def test_an_unknown_model(sdk):
    """A model that does not exist is refused with 1008, and named."""
    with sdk.emulator() as emulator:
        transcript = sdk.converse(emulator, model="gemini-0.1-live")
    code, reason = transcript.refusal
    assert code == 1008
    assert reason.startswith("models/gemini-0.1-live is not found for API version v1")


@pytest.mark.parametrize(
    ("model", "config", "reason"),
    [
        (
            MODEL,
            {"proactivity": {"proactiveAudio": True}},
            "Invalid JSON payload received. Unknown name \"proactivity\" at 'setup': Cannot find field.",
        ),
        (
            MODEL,
            {"responseModalities": ["TEXT"]},
            "The requested combination of response modalities (TEXT) is not supported by the model.",
        ),
        (
            "gemini-2.5-flash-native-audio-preview-12-2025",
            {"responseModalities": ["TEXT"]},
            "Cannot extract voices from a non-audio request.",
        ),
        (MODEL, {"contextWindowCompression": {}}, "Request contains an invalid argument."),
    ],
    ids=["unknown field", "modality of 3.8", "modality of 2.5", "empty compression"],
)
def test_a_bad_config(sdk, model, config, reason):
    """A config that the service does not take is refused with 1007, and the reason says what is wrong."""
    with sdk.emulator() as emulator:
        transcript = sdk.converse(emulator, model=model, config=config)
    code, told = transcript.refusal
    assert code == 1007
    assert told.startswith(reason)


def test_a_failure_in_the_middle(sdk):
    """A close after some turns is told as well, and the turns before it are not lost."""
    script = {
        "steps": [
            {"expect": "One", "answer": "Two"},
            {"expect": "Three", "answer": {"close": {"code": 1011, "reason": "Internal error encountered."}}},
        ]
    }
    with sdk.emulator(script=script) as emulator:
        transcript = sdk.converse(
            emulator,
            say("One"),
            receive_turn(),
            say("Three"),
            receive_turn(),
            model="gemini-2.0-flash-live-001",
        )
    assert transcript.turns[0].complete
    assert transcript.refusal == (1011, "Internal error encountered.")
