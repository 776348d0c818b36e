"""Ephemeral tokens: the SDK creates them, and opens sessions with them."""

from datetime import datetime, timedelta, timezone

import pytest

from genai_live import Client
from tests.interop.conversation import ApiKey, receive_turn, say
from tests.timing import SOON

WRITER = "gemini-2.0-flash-live-001"
SPEAKER = "gemini-2.5-flash-native-audio-latest"
KEY = ApiKey("a-good-key", "v1alpha")

pytestmark = pytest.mark.filterwarnings("ignore:The SDK's .*experimental")


def converse(sdk, emulator, token, model=WRITER, config=None):
    """Say something, with a token."""
    access = ApiKey(token, "v1alpha")
    return sdk.converse(emulator, say("Hello"), receive_turn(), model=model, config=config, access=access)


@pytest.fixture
def emulator(sdk):
    """An emulator that knows one good key."""
    with sdk.emulator(api_keys=[KEY.key]) as emulator:
        yield emulator


def test_a_token_opens_one_session(sdk, emulator):
    """The SDK takes the method for tokens by itself; the second session is refused."""
    token = sdk.create_token(emulator, {}, KEY)
    assert [turn.text for turn in converse(sdk, emulator, token).turns] == ["Hello"]
    assert converse(sdk, emulator, token).refusal == (1011, "Token has been used too many times")
    assert emulator.connections[0].path.endswith(".BidiGenerateContentConstrained")


def test_constraints_lock_the_whole_setup(sdk, emulator):
    """What the SDK's caller asks for is not looked at, the model included."""
    constraints = {"model": WRITER, "config": {"responseModalities": ["TEXT"]}}
    token = sdk.create_token(emulator, {"liveConnectConstraints": constraints}, KEY)
    transcript = converse(sdk, emulator, token, SPEAKER, {"responseModalities": ["AUDIO"]})
    assert [(turn.text, turn.audio) for turn in transcript.turns] == [("Hello", b"")]


def test_an_empty_list_locks_what_is_set(sdk, emulator):
    """The field mask that the SDK makes of it leaves the rest to the session."""
    constraints = {"model": WRITER}
    token = sdk.create_token(
        emulator, {"liveConnectConstraints": constraints, "lockAdditionalFields": []}, KEY
    )
    (turn,) = converse(sdk, emulator, token, SPEAKER, {"responseModalities": ["AUDIO"]}).turns
    assert turn.audio
    assert turn.text == ""


def test_a_token_expires(sdk, emulator):
    """The SDK tells its caller."""
    past = (datetime.now(timezone.utc) - timedelta(seconds=1)).isoformat().replace("+00:00", "Z")
    token = sdk.create_token(emulator, {"expireTime": past}, KEY)
    assert converse(sdk, emulator, token).refusal == (1011, "Token has expired")


def test_our_client_takes_the_sdks_token_and_the_sdk_takes_ours(sdk, emulator):
    """A server in one language may serve clients in another."""
    options = {"base_url": emulator.url, "api_version": "v1alpha"}
    theirs = sdk.create_token(emulator, {}, KEY)
    with Client(api_key=theirs, http_options=options, ssl_context=emulator.ssl_context) as client:
        with client.live.connect(model=WRITER, timeout=SOON) as session:
            assert session.ask("Hello", timeout=SOON).text == "Hello"
    with Client(api_key=KEY.key, http_options=options, ssl_context=emulator.ssl_context) as client:
        ours = client.auth_tokens.create(timeout=SOON).name
    assert [turn.text for turn in converse(sdk, emulator, ours).turns] == ["Hello"]
