"""``client.auth_tokens.create``: what it sends, and what it makes of the answer."""

import traceback
from datetime import datetime, timedelta, timezone

import pytest

from genai_live import APIError, AuthenticationError, Client, ConfigurationError, ProtocolError, types
from tests.http_service import KEY, TOKEN, Answer, asking, http_service

MODEL = "gemini-3.8-live"
NOON = datetime(2026, 5, 1, 12, tzinfo=timezone.utc)


def sent(config=None, **options):
    """The request that comes of a config."""
    with http_service() as service, asking(service, **options) as client:
        client.auth_tokens.create(config)
    (request,) = service.requests
    return request


def test_it_asks_for_nothing_by_default():
    """An empty object goes to the version's own path; the key is in a header and nowhere else."""
    request = sent()
    assert (request.path, request.json) == ("/v1/auth_tokens", {})
    assert request.headers["x-goog-api-key"] == KEY
    assert request.headers["content-type"] == "application/json"
    assert request.headers["user-agent"].startswith("genai-live/")


@pytest.mark.parametrize(
    "config",
    [
        {"uses": 3, "expire_time": NOON, "new_session_expire_time": "2026-05-01T13:30:00+02:00"},
        {"uses": "3", "expireTime": "2026-05-01T12:00:00Z", "newSessionExpireTime": "2026-05-01T11:30:00Z"},
        types.CreateAuthTokenConfig(
            uses=3, expire_time=NOON, new_session_expire_time=NOON - timedelta(minutes=30)
        ),
    ],
    ids=["snake case", "camelCase", "object"],
)
def test_uses_and_times(config):
    """They may be written in each way that settings may; times go out in UTC."""
    assert sent(config).json == {
        "uses": 3,
        "expireTime": "2026-05-01T12:00:00Z",
        "newSessionExpireTime": "2026-05-01T11:30:00Z",
    }


def test_constraints_become_a_setup():
    """The settings go where a setup has them; without ``lock_additional_fields`` there is no mask."""
    config = {"temperature": 0.5, "system_instruction": "Be brief.", "session_resumption": {}}
    assert sent({"live_connect_constraints": {"model": MODEL, "config": config}}).json == {
        "bidiGenerateContentSetup": {
            "model": f"models/{MODEL}",
            "generationConfig": {"temperature": 0.5},
            "systemInstruction": {"role": "user", "parts": [{"text": "Be brief."}]},
            "sessionResumption": {},
        }
    }


def test_a_function_of_the_constraints_is_declared():
    """As in the config of a session."""

    def turn_on(lamp: str):
        """Switch a lamp on."""

    body = sent({"live_connect_constraints": {"config": {"tools": [turn_on]}}}).json
    ((declaration,),) = [tool["functionDeclarations"] for tool in body["bidiGenerateContentSetup"]["tools"]]
    assert declaration["name"] == "turn_on"


@pytest.mark.parametrize("constraints", [{}, {"config": {}}])
def test_empty_constraints_constrain_nothing(constraints):
    """A setup without a field would lock everything at nothing, so it is left out."""
    assert sent({"live_connect_constraints": constraints}).json == {}


def test_one_request_may_have_its_own_version_and_headers():
    """``config.http_options`` goes before the client's, for this request."""
    options = {"api_version": "v1beta", "headers": {"x-test": "1"}}
    request = sent({"http_options": options, "uses": 1}, api_version="v1alpha")
    assert (request.path, request.headers["x-test"]) == ("/v1beta/auth_tokens", "1")
    assert request.json == {"uses": 1}


def test_the_answer_is_a_token():
    """Its times are datetimes; what we do not know is kept; its name is not printed."""
    content = TOKEN | {"expireTime": "2026-05-01T12:00:00Z", "uses": 2, "future": 1}
    with http_service(Answer(content=content)) as service, asking(service) as client:
        token = client.auth_tokens.create()
    assert (token.name, token.expire_time, token.uses) == (TOKEN["name"], NOON, 2)
    assert token.unknown_fields == {"future": 1}
    assert "secret" not in repr(token)


@pytest.mark.parametrize(
    "content", [b"", b"<html>", [], {"uses": 1}, TOKEN | {"expireTime": "soon"}], ids=str
)
def test_an_answer_that_is_no_token(content):
    """It is an error that shows nothing of the answer, as a token may stand in it."""
    with http_service(Answer(content=content)) as service, asking(service) as client:
        with pytest.raises(ProtocolError, match="other than a token") as caught:
            client.auth_tokens.create()
    assert "a-secret-token" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    ("config", "complaint"),
    [
        ({"uses": "many"}, "config.uses"),
        ({"use": 1}, r"config.use: unknown field .*'uses'"),
        ({"expire_time": "tomorrow"}, "config.expire_time: expected a time"),
        ({"expire_time": datetime(2026, 5, 1)}, "expire_time: a time needs a zone"),  # noqa: DTZ001
        ({"live_connect_constraints": {"model": "a?b"}}, "model: expected a name"),
        (
            {"live_connect_constraints": {"config": {"temprature": 1}}},
            r"config.live_connect_constraints.config.temprature: .*'temperature'",
        ),
        (
            {"live_connect_constraints": {"config": {"explicit_vad_signal": True}}},
            "config.live_connect_constraints.config.explicit_vad_signal: only Vertex AI",
        ),
        ({"http_options": {"allow_insecure": True}}, "config.http_options"),
    ],
)
def test_what_cannot_be_asked_for_is_refused_at_the_call(config, complaint):
    """The message names the place, and the nearest right name; nothing is sent."""
    with http_service() as service, asking(service) as client:
        with pytest.raises(ConfigurationError, match=complaint):
            client.auth_tokens.create(config)
    assert service.requests == []


def test_vertex_ai_has_no_tokens():
    """It is refused at the call, with the surface that has them."""
    with http_service() as service:
        options = {"base_url": service.url}
        with Client(api_key=KEY, vertexai=True, http_options=options) as client:
            with pytest.raises(ConfigurationError, match="only the Gemini API"):
                client.auth_tokens.create()
    assert service.requests == []


def test_a_key_goes_unencrypted_to_loopback_only():
    """As for sessions."""
    with Client(api_key=KEY, http_options={"base_url": "http://example.test"}) as client:
        with pytest.raises(ConfigurationError, match="unencrypted"):
            client.auth_tokens.create()


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, {"code": 401, "message": "Who are you?", "status": "UNAUTHENTICATED"}),
        (403, {"code": 403, "message": "Not you.", "status": "PERMISSION_DENIED"}),
        (400, {"code": 400, "message": "API key not valid. Please…", "status": "INVALID_ARGUMENT"}),
    ],
)
def test_a_refused_key_is_an_authentication_error(status, error):
    """The service's own error is its cause; the key is in neither."""
    with http_service(Answer(status, {"error": error})) as service, asking(service) as client:
        with pytest.raises(AuthenticationError, match=error["message"]) as caught:
            client.auth_tokens.create()
    cause = caught.value.__cause__
    assert isinstance(cause, APIError)
    assert (cause.code, cause.status, cause.body) == (status, error["status"], {"error": error})
    assert KEY not in f"{caught.value!r} {cause!r}"
    assert len(service.requests) == 1
