"""The kinds of credentials that google-auth has, against a token endpoint on loopback."""

import datetime as dt
import json
import os
import threading
import time
import traceback
import warnings

import google.auth.credentials
import google.auth.exceptions
import google.auth.impersonated_credentials
import google.auth.jwt
import google.oauth2.credentials
import google.oauth2.service_account
import pytest

from genai_live import AuthenticationError, Client, GoogleAuth, LiveTimeout, WebSocketClientFactory
from genai_live.auth import CLOUD_PLATFORM_SCOPE
from genai_live.emulator import Emulator
from tests.client.token_endpoint import TokenEndpoint
from tests.client.upgrade import upgrade_of
from tests.service import MODEL
from tests.timing import SOON, scaled

IN_PROJECT = {"vertexai": True, "project": "p", "location": "us-central1"}


@pytest.fixture
def endpoint():
    """Gives out tokens."""
    with TokenEndpoint() as endpoint:
        yield endpoint


@pytest.fixture
def account(endpoint):
    """A service account without a scope, as its file alone makes it."""
    return google.oauth2.service_account.Credentials.from_service_account_info(endpoint.service_account())


def _assertion(request) -> dict:
    return google.auth.jwt.decode(request["assertion"], verify=False)


def test_a_service_account(endpoint, account):
    """It is given the scope of Google Cloud where it has none."""
    upgrade = upgrade_of(credentials=account, **IN_PROJECT)
    assert upgrade.headers["authorization"] == "Bearer token-1"
    assert upgrade.setup["model"].startswith("projects/p/locations/us-central1/")
    ((path, asked),) = endpoint.requests
    assert path == "/token"
    assert _assertion(asked)["scope"] == CLOUD_PLATFORM_SCOPE
    assert "x-goog-user-project" not in upgrade.headers


def test_application_default_credentials(endpoint, tmp_path, monkeypatch):
    """Without credentials the file of GOOGLE_APPLICATION_CREDENTIALS is used; project and location too."""
    path = tmp_path / "key.json"
    path.write_text(json.dumps(endpoint.service_account()))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(path))
    monkeypatch.setenv("GOOGLE_CLOUD_QUOTA_PROJECT", "who-pays")
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "p")
    monkeypatch.setenv("GOOGLE_CLOUD_LOCATION", "europe-west4")
    upgrade = upgrade_of(vertexai=True)
    assert upgrade.headers["authorization"] == "Bearer token-1"
    assert upgrade.headers["x-goog-user-project"] == "who-pays"
    assert upgrade.setup["model"].startswith("projects/p/locations/europe-west4/")


def test_a_project_goes_before_a_key_of_the_environment(endpoint, account, monkeypatch):
    """The key is not sent, then."""
    monkeypatch.setenv("GOOGLE_API_KEY", "of-the-environment")
    headers = upgrade_of(credentials=account, **IN_PROJECT).headers
    assert headers["authorization"] == "Bearer token-1"
    assert "x-goog-api-key" not in headers


@pytest.mark.parametrize(
    ("base_url", "host"),
    [
        (None, "aiplatform.googleapis.com"),
        ("https://aiplatform.mtls.googleapis.com/", "aiplatform.mtls.googleapis.com"),
    ],
)
def test_without_a_location_it_is_global(base_url, host, endpoint, account):
    """As with google-genai, in name and address; a host of Google's is no gateway."""
    with Emulator(time_scale=0) as emulator:

        def factory(url, headers, *, timeout):
            urls.append(url)
            here = emulator.url.replace("http", "ws", 1)
            return WebSocketClientFactory()(here + url[url.index("/ws/") :], headers, timeout=timeout)

        urls = []
        with Client(
            vertexai=True,
            project="p",
            credentials=account,
            http_options={"base_url": base_url},
            websocket_factory=factory,
        ) as client:
            client.live.connect(model=MODEL, timeout=SOON).close()
        setup = emulator.connections[0].received[0]["setup"]
    assert urls[0].startswith(f"wss://{host}/ws/")
    assert setup["model"].startswith("projects/p/locations/global/")


def test_the_project_that_is_billed(endpoint, account):
    """The quota project of the credentials."""
    upgrade = upgrade_of(credentials=account.with_quota_project("who-pays"), **IN_PROJECT)
    assert upgrade.headers["x-goog-user-project"] == "who-pays"


def test_impersonation(endpoint, account):
    """A token of one account buys a token of another one."""
    impersonated = google.auth.impersonated_credentials.Credentials(
        source_credentials=account.with_scopes([CLOUD_PLATFORM_SCOPE]),
        target_principal="other@p.iam.gserviceaccount.com",
        target_scopes=[CLOUD_PLATFORM_SCOPE],
        iam_endpoint_override=f"{endpoint.url}/other:generateAccessToken",
    )
    upgrade = upgrade_of(credentials=impersonated, **IN_PROJECT)
    assert upgrade.headers["authorization"] == "Bearer impersonated-token-2"
    assert [path for path, _ in endpoint.requests] == ["/token", "/other:generateAccessToken"]


def _client(emulator, credentials):
    return Client(credentials=credentials, http_options={"base_url": emulator.url}, **IN_PROJECT)


def test_a_token_that_is_about_to_expire_is_fetched_anew_for_each_connection(endpoint, account):
    """One that is good for an hour is used again."""
    with Emulator(time_scale=0) as emulator, _client(emulator, account) as client:
        for expires_in in (60, 3600, 3600):
            endpoint.expires_in = expires_in
            client.live.connect(model=MODEL, timeout=SOON).close()
        tokens = [connection.headers["authorization"] for connection in emulator.connections]
    assert tokens == ["Bearer token-1", "Bearer token-2", "Bearer token-2"]


def test_a_refresh_holds_up_nobody_else(endpoint, account):
    """While one connection waits for its token, open sessions of the same client go on."""
    stalled, release = threading.Event(), threading.Event()

    def stall():
        stalled.set()
        release.wait(SOON)

    endpoint.expires_in = 60
    with Emulator(time_scale=0) as emulator, _client(emulator, account) as client:
        config = {"output_audio_transcription": {}}
        with client.live.connect(model=MODEL, config=config, timeout=SOON) as session:
            endpoint.before_answering = stall
            connecting = threading.Thread(target=lambda: client.live.connect(model=MODEL).close())
            connecting.start()
            assert stalled.wait(SOON)
            assert session.ask("Hello", timeout=SOON).text == "Hello"
            release.set()
            connecting.join(SOON)
        assert len(emulator.connections) == 2


def test_one_credential_is_refreshed_by_one_at_a_time(endpoint, account):
    """Also where sessions go to different addresses; whoever waits keeps its deadline."""
    stalled, release = threading.Event(), threading.Event()

    def stall():
        stalled.set()
        release.wait(SOON)

    endpoint.before_answering = stall
    auth = GoogleAuth(account)
    first = threading.Thread(target=lambda: auth.headers("wss://one.test", timeout=SOON))
    first.start()
    assert stalled.wait(SOON)
    with pytest.raises(LiveTimeout, match="still getting them"):
        auth.headers("wss://two.test", timeout=scaled(0.05))
    release.set()
    assert auth.headers("wss://two.test", timeout=SOON) == {"authorization": "Bearer token-1"}
    first.join(SOON)


# -- when there are none -----------------------------------------------------------------------------------


@pytest.fixture
def nowhere(tmp_path, monkeypatch):
    """No file of gcloud, and no metadata server."""
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    monkeypatch.setenv("PATH", str(tmp_path))


def test_missing_default_credentials(nowhere):
    """It says what was looked for, and what else can be given."""
    with pytest.raises(AuthenticationError) as caught:
        upgrade_of(**IN_PROJECT)
    for place in ("GOOGLE_APPLICATION_CREDENTIALS", "gcloud auth", "metadata server", "credentials="):
        assert place in str(caught.value)


@pytest.mark.parametrize("content", [None, "folder", "", "no JSON", "{}", '{"type": "service_account"}'])
def test_a_key_file_that_cannot_be_used(content, tmp_path, monkeypatch):
    """The variable and the path are named."""
    path = tmp_path / "key.json"
    if content == "folder":
        path.mkdir()
    elif content is not None:
        path.write_text(content)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(path))
    with pytest.raises(AuthenticationError, match=r"GOOGLE_APPLICATION_CREDENTIALS, .*key\.json"):
        upgrade_of(**IN_PROJECT)


def test_a_key_file_whose_key_is_damaged(endpoint, tmp_path, monkeypatch):
    """What the parser says of it is the cause; the key is not shown."""
    path = tmp_path / "key.json"
    key = "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n"
    path.write_text(json.dumps(endpoint.service_account(private_key=key)))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(path))
    with pytest.raises(AuthenticationError, match=r"key\.json") as caught:
        upgrade_of(**IN_PROJECT)
    assert "c2VjcmV0" not in str(caught.value)


def test_credentials_that_are_refused(endpoint, account):
    """The kind of credentials is named, with the endpoint's reason."""
    endpoint.refusal = (400, {"error": "invalid_grant", "error_description": "Account has been deleted"})
    with pytest.raises(AuthenticationError, match="Credentials of google-auth .*Account has been deleted"):
        upgrade_of(credentials=account, **IN_PROJECT)


def test_an_answer_that_holds_a_secret_is_not_repeated(endpoint, account):
    """google-auth puts the whole answer into its exception."""
    endpoint.refusal = (200, {"refresh_token": "s3cret"})
    with pytest.raises(AuthenticationError, match="No access token") as caught:
        upgrade_of(credentials=account, **IN_PROJECT)
    assert "s3cret" not in "".join(traceback.format_exception(caught.value))


def test_credentials_without_a_token():
    """Anonymous ones are valid to google-auth, and good for nothing here."""
    anonymous = google.auth.credentials.AnonymousCredentials()
    with pytest.raises(AuthenticationError, match="AnonymousCredentials .*no access token"):
        upgrade_of(credentials=anonymous, **IN_PROJECT)


def test_a_token_that_has_expired_and_cannot_be_refreshed():
    """google-auth says which fields it would need."""
    long_ago = dt.datetime(2020, 1, 1, tzinfo=dt.timezone.utc).replace(tzinfo=None)  # as google-auth has it
    expired = google.oauth2.credentials.Credentials("old", expiry=long_ago)
    with pytest.raises(AuthenticationError, match="refresh") as caught:
        upgrade_of(credentials=expired, **IN_PROJECT)
    assert "old" not in str(caught.value)


def test_a_token_endpoint_that_is_not_there(endpoint):
    """It is named, with what kept it from being reached."""
    info = endpoint.service_account(token_uri="http://127.0.0.1:9/token")
    lost = google.oauth2.service_account.Credentials.from_service_account_info(info)
    with pytest.raises(
        AuthenticationError, match=r"could not be refreshed: .*127\.0\.0\.1.*Connection refused"
    ):
        GoogleAuth(lost).headers("wss://x.test", timeout=SOON)


@pytest.mark.parametrize("timeout", [0, scaled(0.1)])
def test_a_token_endpoint_that_does_not_answer(timeout, endpoint, account):
    """The request ends with the deadline, and leaves no thread behind that waits for it."""
    release = threading.Event()
    endpoint.before_answering = lambda: release.wait(SOON)
    begun = time.monotonic()
    with pytest.raises(LiveTimeout, match="in time"):
        GoogleAuth(account).headers("wss://x.test", timeout=timeout)
    assert time.monotonic() - begun < SOON / 2
    release.set()


def test_a_forked_child_can_get_credentials(endpoint, account):
    """The parent's refresh is not waited for, whose thread stayed in the parent."""
    stalled, release = threading.Event(), threading.Event()

    def stall_once():
        endpoint.before_answering = lambda: None
        stalled.set()
        release.wait(SOON)

    endpoint.before_answering = stall_once
    auth = GoogleAuth(account)
    refreshing = threading.Thread(target=lambda: auth.headers("wss://x.test", timeout=SOON))
    refreshing.start()
    assert stalled.wait(SOON)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # 3.12 warns of every fork in a threaded process
        child = os.fork()
    if child == 0:
        status = 1
        try:
            status = int(auth.headers("wss://x.test", timeout=SOON)["authorization"] != "Bearer token-2")
        finally:
            os._exit(status)
    assert os.waitpid(child, 0)[1] == 0
    release.set()
    refreshing.join(SOON)


def test_a_token_endpoint_that_cannot_be_reached_may_be_tried_again():
    """A session that reconnects does so; a refusal is final."""
    unreachable = _Failing(google.auth.exceptions.TransportError("no route to host"))
    with pytest.raises(AuthenticationError, match="no route to host") as caught:
        GoogleAuth(unreachable).headers("wss://x.test", timeout=SOON)
    assert caught.value.retryable
    refused = _Failing(google.auth.exceptions.RefreshError("invalid_grant"))
    with pytest.raises(AuthenticationError, match="invalid_grant") as caught:
        GoogleAuth(refused).headers("wss://x.test", timeout=SOON)
    assert not caught.value.retryable


class _Failing(google.auth.credentials.Credentials):
    """Credentials that cannot be refreshed."""

    def __init__(self, error):
        super().__init__()
        self._error = error

    def refresh(self, request):
        raise self._error
