"""Ephemeral tokens: how they are created, and what the sessions may that they open."""

import json
import re
import urllib.error
import urllib.request
from datetime import datetime, timedelta, timezone

import pytest

from genai_live.emulator import Emulator
from tests.emulator.live_client import GEMINI, KEY, VERTEX, talk, text_of
from tests.timing import SOON

CONSTRAINED = GEMINI.replace("v1beta", "v1alpha") + "Constrained"
WRITER = "models/gemini-2.0-flash-live-001"
NO_CREDENTIALS = (
    "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or "
    "other form of API consumer identity to call this API."
)
BAD_TOKEN = (
    "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other "
    "valid authentication c"
)
TOO_OFTEN = (1011, "Token has been used too many times")
TOO_LATE = (1011, "new_session_expire_time deadline exceeded")
EXPIRED = (1011, "Token has expired")


def request(emulator, body=b"{}", *, path="/v1alpha/auth_tokens", headers=KEY, method="POST"):
    """What comes of a request: the status, and the body as JSON or as it is."""
    payload = body if isinstance(body, bytes) else json.dumps(body).encode()
    asked = urllib.request.Request(f"{emulator.url}{path}", payload, dict(headers), method=method)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(asked, timeout=SOON) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        with error:
            content = error.read()
            return error.code, json.loads(content) if content else content


def create(emulator, **body):
    """The name of a new token."""
    status, token = request(emulator, body)
    assert status == 200, token
    return token["name"]


def in_seconds(seconds):
    """A time on the wall clock."""
    return (datetime.now(timezone.utc) + timedelta(seconds=seconds)).isoformat()


def talk_with(emulator, token):
    """A connection that brings a token."""
    return talk(emulator, CONSTRAINED, {"Authorization": f"Token {token}"})


def close_of(emulator, token, **setup):
    """How the service ends a connection that it does not want, at its setup."""
    with talk_with(emulator, token) as client:
        client.send({"setup": {"model": WRITER} | setup})
        return client.receive_close()


def opens(emulator, token, **setup):
    """Opens a session, and closes it."""
    with talk_with(emulator, token) as client:
        return "setupComplete" in client.set_up(WRITER, **setup)


def turn_after(emulator, token, **setup):
    """What the model answers to a greeting; it tells which setup holds."""
    with talk_with(emulator, token) as client:
        client.send({"setup": setup})
        client.receive()
        client.say("Hello")
        return client.receive_turn()


@pytest.mark.parametrize("version", ["v1", "v1beta", "v1alpha"])
def test_a_token_is_created(emulator, version):
    """On every version; it lasts half an hour, and opens one session within a minute."""
    before = datetime.now(timezone.utc)
    status, token = request(emulator, path=f"//{version}/auth_tokens")
    assert status == 200
    assert re.fullmatch(r"auth_tokens/[0-9a-f]{64}", token["name"])
    times = [
        datetime.fromisoformat(token[name].replace("Z", "+00:00"))
        for name in ("expireTime", "newSessionExpireTime")
    ]
    for time, lasts in zip(times, (timedelta(minutes=30), timedelta(minutes=1)), strict=True):
        assert lasts <= time - before <= lasts + timedelta(seconds=SOON)
    assert token["uses"] == 1


def test_an_empty_body_asks_for_nothing(emulator):
    """As google-genai sends it."""
    assert request(emulator, b"")[0] == 200


def test_names_in_both_casings(emulator):
    """As in messages."""
    status, token = request(emulator, {"expire_time": "2026-01-01T00:00:00.123456789Z", "uses": "3"})
    assert (status, token["expireTime"], token["uses"]) == (200, "2026-01-01T00:00:00.123456Z", 3)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            {"liveConnectConstraints": {}},
            'Invalid JSON payload received. Unknown name "liveConnectConstraints" at',
        ),
        ({"authToken": {}}, 'Invalid JSON payload received. Unknown name "authToken" at'),
        ({"bidiGenerateContentSetup": {"temperature": 1}}, 'Unknown name "temperature" at'),
        ({"uses": "many"}, "Invalid value at 'auth_token.uses'"),
        ({"uses": -1}, "Request contains an invalid argument."),
        ({"expireTime": "2026-13-01T00:00:00Z"}, "Invalid value at 'auth_token"),
        ({"fieldMask": "temperature"}, "there is no 'temperature'"),
        ({"fieldMask": "tools.name"}, "there is no 'tools.name'"),
        (b"[]", "Root element must be a message"),
        (b"{", "Invalid JSON payload received."),
    ],
)
def test_a_bad_request(emulator, body, message):
    """400, with the service's error body; its text is not cut as a close reason is."""
    status, content = request(emulator, body)
    assert (status, content["error"]["code"], content["error"]["status"]) == (400, 400, "INVALID_ARGUMENT")
    assert message in content["error"]["message"]


def test_twenty_hours_at_most(emulator):
    """Longer is refused in the service's words."""
    assert request(emulator, {"expireTime": in_seconds(20 * 3600 - 60)})[0] == 200
    status, content = request(emulator, {"expireTime": in_seconds(20 * 3600 + 60)})
    assert (status, content["error"]["message"]) == (
        400,
        "expire_time is too far in the future. Maximum lifetime is 20h",
    )


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_tokens_are_only_created(emulator, method):
    """Other methods find nothing: 404, with an empty body."""
    assert request(emulator, method=method) == (404, b"")


@pytest.mark.parametrize(
    ("headers", "refused"),
    [
        ({}, (403, "PERMISSION_DENIED", NO_CREDENTIALS)),
        (
            {"x-goog-api-key": "bad"},
            (400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key."),
        ),
        (
            {"x-goog-api-key": "auth_tokens/a"},
            (400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key."),
        ),
    ],
)
def test_a_key_is_needed(headers, refused):
    """A token is none."""
    with Emulator(api_keys=["good"], time_scale=0) as emulator:
        assert request(emulator, headers={"x-goog-api-key": "good"})[0] == 200
        status, content = request(emulator, headers=headers)
    assert (status, content["error"]["status"], content["error"]["message"]) == refused


@pytest.mark.parametrize("version", ["v1", "v1beta", "v1alpha"])
@pytest.mark.parametrize("way", ["header", "query", "key header"])
def test_a_token_opens_a_session(emulator, version, way):
    """On a method of its own, in each way that the SDKs bring it, on every version."""
    token = create(emulator)
    path = CONSTRAINED.replace("v1alpha", version)
    headers = {"header": {"authorization": f"Token {token}"}, "key header": {"x-goog-api-key": token}}.get(
        way, {}
    )
    with talk(emulator, f"{path}?access_token={token}" if way == "query" else path, headers) as client:
        assert client.set_up() == {"setupComplete": {}}


@pytest.mark.parametrize(
    ("path", "headers", "close"),
    [
        (CONSTRAINED, {}, (1008, NO_CREDENTIALS[:123])),
        (
            CONSTRAINED,
            {"Authorization": "Token auth_tokens/unknown"},
            (1008, BAD_TOKEN),
        ),
        (CONSTRAINED, {"x-goog-api-key": "a key"}, (1008, BAD_TOKEN)),
    ],
)
def test_without_a_good_token_none_is_opened(emulator, path, headers, close):
    """It is said after the first message, as of a key."""
    with talk(emulator, path, headers) as client:
        client.send({"setup": {"model": WRITER}})
        assert client.receive_close() == close


def test_a_token_is_no_key(emulator):
    """The plain method takes it for a key that is not valid, or for none, and Vertex AI knows no tokens."""
    token = create(emulator)
    bad_key = (1007, "API key not valid. Please pass a valid API key.")
    for path, headers, close in (
        (f"{GEMINI}?key={token}", {}, bad_key),
        (GEMINI, {"x-goog-api-key": token, "Authorization": f"Token {token}"}, bad_key),
        (f"{GEMINI}?access_token={token}", {}, (1008, NO_CREDENTIALS[:123])),
        (
            VERTEX,
            {"Authorization": f"Token {token}"},
            (1008, BAD_TOKEN),
        ),
    ):
        with talk(emulator, path, headers) as client:
            client.send({"setup": {"model": WRITER}})
            assert client.receive_close() == close


def test_uses_are_counted(emulator):
    """One by default, resumptions not counted; 0 is no limit."""
    once, twice, endless = create(emulator), create(emulator, uses=2), create(emulator, uses=0)
    assert opens(emulator, once)
    assert close_of(emulator, once) == TOO_OFTEN
    with talk(emulator) as client:
        client.set_up(WRITER, sessionResumption={})
        handle = client.receive()["sessionResumptionUpdate"]["newHandle"]
    assert opens(emulator, once, sessionResumption={"handle": handle})
    assert close_of(emulator, once, sessionResumption={}) == TOO_OFTEN
    assert close_of(emulator, once, sessionResumption={"handle": ""}) == TOO_OFTEN
    assert opens(emulator, twice)
    assert opens(emulator, twice)
    assert close_of(emulator, twice) == TOO_OFTEN
    assert all(opens(emulator, endless) for _ in range(5))


@pytest.mark.parametrize("mask", [None, "generationConfig.temperature", "sessionResumption"])
def test_a_session_is_resumed_whatever_the_token_locks(emulator, mask):
    """The handle is the client's own: it says which session, and not how one is to be."""
    locks = {"bidiGenerateContentSetup": {"model": WRITER, "sessionResumption": {}}}
    token = create(emulator, **locks, **({"fieldMask": mask} if mask else {}))
    with talk_with(emulator, token) as client:
        client.set_up(WRITER, sessionResumption={})
        handle = client.receive()["sessionResumptionUpdate"]["newHandle"]
        client.say("My name is Ada")
        client.receive_turn()
    with talk_with(emulator, token) as client:
        client.set_up(WRITER, sessionResumption={"handle": handle})
        assert client.receive()["sessionResumptionUpdate"]["newHandle"] != handle
        client.send({"clientContent": {"turnComplete": True}})
        assert text_of(client.receive_turn()) == "My name is Ada"


def test_after_its_time_no_session_begins(emulator):
    """Nor is one resumed."""
    token = create(emulator, newSessionExpireTime=in_seconds(-1), uses=0)
    assert close_of(emulator, token) == TOO_LATE
    assert close_of(emulator, token, sessionResumption={"handle": "a-handle"}) == TOO_LATE


def test_an_expired_token_opens_nothing(emulator):
    """Its expiry is told before all else."""
    token = create(emulator, expireTime=in_seconds(-1), newSessionExpireTime=in_seconds(-1))
    assert close_of(emulator, token) == EXPIRED


def test_a_session_ends_with_its_token(emulator):
    """On the wall clock, which the scale of time does not change."""
    token = create(emulator, expireTime=in_seconds(0.5))
    with talk_with(emulator, token) as client:
        client.set_up(WRITER)
        client.say("Hello")
        client.receive_turn()
        assert client.receive_close() == (1011, "auth token has expired")


def test_without_constraints_the_clients_setup_holds(emulator):
    """It is the client that says which model, and how."""
    turn = turn_after(emulator, create(emulator), model=WRITER)
    assert text_of(turn) == "Hello"
    assert not any("sessionResumptionUpdate" in message for message in turn)


def test_a_setup_without_a_mask_holds_as_a_whole(emulator):
    """What the client wants is not looked at, the model included."""
    setup = {"model": WRITER, "generationConfig": {"responseModalities": ["TEXT"]}}
    wanted = {"model": "models/none", "generationConfig": {"responseModalities": ["AUDIO"]}}
    assert (
        text_of(turn_after(emulator, create(emulator, bidiGenerateContentSetup=setup), **wanted)) == "Hello"
    )


def test_a_setup_without_a_model_leaves_none(emulator):
    """A token that locks everything has to name the model, too."""
    token = create(
        emulator, bidiGenerateContentSetup={"systemInstruction": {"parts": [{"text": "Be brief."}]}}
    )
    code, reason = close_of(emulator, token)
    assert (code, reason[:17]) == (1008, " is not found for")


@pytest.mark.parametrize(
    "mask", ["model,generationConfig.responseModalities", "model,generation_config.response_modalities"]
)
def test_masked_fields_are_the_tokens(emulator, mask):
    """The others stay the client's; paths may be in either casing, as google-genai sends both."""
    setup = {"model": WRITER, "generationConfig": {"responseModalities": ["TEXT"]}}
    token = create(emulator, bidiGenerateContentSetup=setup, fieldMask=mask, uses=0)
    audio = {"responseModalities": ["AUDIO"]}
    assert text_of(turn_after(emulator, token, model="models/none", generationConfig=audio)) == "Hello"
    assert close_of(emulator, token, contextWindowCompression={})[0] == 1007


def test_a_masked_field_without_a_value_is_unset(emulator):
    """So a client cannot set what the token only locks."""
    token = create(emulator, fieldMask="generationConfig.responseModalities,contextWindowCompression", uses=0)
    audio = {"responseModalities": ["AUDIO"]}
    turn = turn_after(emulator, token, model=WRITER, generationConfig=audio, contextWindowCompression={})
    assert text_of(turn) == "Hello"


def test_the_clients_own_setup_is_what_a_test_sees(emulator):
    """``received`` has what was sent, not what it was made into."""
    token = create(emulator, bidiGenerateContentSetup={"model": WRITER})
    turn_after(emulator, token, model="models/none")
    assert emulator.connections[0].received[0] == {"setup": {"model": "models/none"}}
    assert token not in repr(emulator.connections)
