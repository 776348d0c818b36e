"""Ways to sign in and to create tokens, proxies, and mistakes with them."""

import socket
import urllib.parse

import google.oauth2.credentials

from genai_live import (
    ApiClient,
    ApiKeyAuth,
    AuthenticationError,
    ConfigurationError,
    GoogleAuth,
    Live,
    NoAuth,
    TokenAuth,
    WebSocketClientFactory,
    types,
)
from tests.client.token_endpoint import TokenEndpoint
from tests.http_service import Answer
from tests.raw_server import Peer, close_frame
from tests.security.flows.conversation import IN_PROJECT, IN_QUERY, converse, refused, talk
from tests.security.stage import (
    API_KEY,
    BEARER,
    CLIENT_SECRET,
    EPHEMERAL_TOKEN,
    HEADER,
    NEW_HANDLE,
    NEW_TOKEN,
    OLD_HANDLE,
    PROXY_PASSWORD,
    QUERY,
    REFRESH_TOKEN,
    Stage,
    relay,
)
from tests.service import MODEL, answer_close, read_message
from tests.timing import SOON


def an_ephemeral_token(stage: Stage) -> None:
    """In both headers."""
    with stage.serving(converse) as url:
        talk(stage, url, api_key=EPHEMERAL_TOKEN, http_options={"api_version": "v1beta", "headers": {}})
        talk(stage, url, api_key=EPHEMERAL_TOKEN)  # with a warning about the version

    def handle(peer: Peer) -> None:
        peer.upgrade()
        read_message(peer)
        peer.send(close_frame(1011, "auth token has expired"))
        answer_close(peer)

    with stage.serving(handle) as url:
        assert isinstance(refused(stage, url, api_key=EPHEMERAL_TOKEN), AuthenticationError)
    stage.reached(EPHEMERAL_TOKEN, f"Token {EPHEMERAL_TOKEN}", HEADER)


def credentials_of_google_auth(stage: Stage) -> None:
    """A token at hand, one that has to be fetched, and one that is refused."""
    stage.monkeypatch.setattr(
        "http.client.HTTPConnection.debuglevel", 0
    )  # it would print google-auth's request
    at_hand = google.oauth2.credentials.Credentials(BEARER)
    with stage.serving(converse) as url:
        talk(stage, url, credentials=at_hand, **IN_PROJECT)
    with TokenEndpoint() as endpoint:
        for answer in (
            (200, {"access_token": BEARER, "expires_in": 3600}),
            (200, {"refresh_token": REFRESH_TOKEN}),
            (400, {"error": "invalid_grant", "error_description": "Account has been deleted"}),
        ):
            endpoint.refusal = answer
            credentials = google.oauth2.credentials.Credentials(
                None,
                refresh_token=REFRESH_TOKEN,
                token_uri=f"{endpoint.url}/token",
                client_id="me",
                client_secret=CLIENT_SECRET,
            )
            with stage.serving(converse) as url:
                if "access_token" in answer[1]:
                    talk(stage, url, credentials=credentials, **IN_PROJECT)
                else:
                    assert isinstance(
                        refused(stage, url, credentials=credentials, **IN_PROJECT), AuthenticationError
                    )
    assert endpoint.requests[-1][1]["refresh_token"] == REFRESH_TOKEN
    stage.reached(BEARER, HEADER)


def proxies(stage: Stage) -> None:
    """With a password: one that lets through, one that refuses, one that is dead, and broken addresses."""

    def let_through(peer: Peer) -> None:
        peer.read_request()
        peer.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
        relay(peer, url)

    def refuse(peer: Peer) -> None:
        asked = peer.read_request()
        peer.send(b"HTTP/1.1 407 Proxy Authentication Required\r\nConnection: close\r\n\r\n" + asked)

    with stage.serving(converse) as url:
        password = urllib.parse.quote(PROXY_PASSWORD, safe="")
        with stage.serving(let_through, tls=False) as proxy:
            _use_proxy(stage, proxy.replace("://", f"://me:{password}@"))
            talk(stage, url)
        assert any(b"Proxy-Authorization: Basic " in data for data in stage.got)
        with stage.serving(refuse, tls=False) as proxy:
            _use_proxy(stage, proxy.replace("://", f"://me:{password}@"))
            refused(stage, url)
            _no_token(stage, url)
        for dead_or_broken in (
            proxy.replace("://", f"://me:{password}@"),
            f"http://me:{PROXY_PASSWORD}@localhost:1",  # the slash in it ends the host, which is "me" then
            f"http://{PROXY_PASSWORD}:me@localhost:1",
            f"http://me:{password}@localhost:port",
            f"http://me:{password}@localhost:99999",
            f"http://me:{password}@",
            f"gopher://me:{password}@localhost:1",
            f"socks5h://me:{password}@localhost:1",
        ):
            _use_proxy(stage, dead_or_broken)
            refused(stage, url)
            _no_token(stage, url)


def _use_proxy(stage: Stage, proxy: str) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY"):
        stage.monkeypatch.setenv(name, proxy)


def _no_token(stage: Stage, url: str) -> Exception:
    with stage.client(url) as client:
        return stage.fails(lambda: client.auth_tokens.create(timeout=SOON))


def a_token_is_created(stage: Stage) -> None:
    """Over REST; through a gateway that has a key in its address, too."""
    answer = Answer(content={"name": NEW_TOKEN})
    for path in ("", IN_QUERY):
        with stage.answering(answer) as url, stage.client(url + path) as client:
            token = client.auth_tokens.create(timeout=SOON)
            assert token.name == NEW_TOKEN
            stage.watch.see(token, client.auth_tokens)
    stage.reached(API_KEY, HEADER, urllib.parse.quote(QUERY, safe=""))


def no_token_is_created(stage: Stage) -> None:
    """Every kind of answer, also such as repeats the key, and none."""
    words = f"Permission denied: Consumer 'api_key:{API_KEY}' has been suspended. {HEADER}"
    for answer in (
        Answer(403, {"error": {"code": 403, "message": words, "status": "PERMISSION_DENIED"}}),
        Answer(400, {"error": {"code": 400, "message": words, "details": [{"info": f"api_key:{API_KEY}"}]}}),
        Answer(404, f"cannot post {IN_QUERY} {words}".encode()),
        Answer(302, {}, {"Location": f"https://other.test/?{API_KEY}"}),
        Answer(200, {"uses": NEW_TOKEN}),
        Answer(200, f'{{"name": "{NEW_TOKEN}"'.encode()),
        lambda _, handler: handler.connection.shutdown(socket.SHUT_RDWR),
    ):
        with stage.answering(answer) as url:
            error = _no_token(stage, url + IN_QUERY)
        stage.watch.see(getattr(error, "body", None), getattr(error.__cause__, "body", None))
    scheme = "https" if stage.tls else "http"
    _no_token(stage, f"{scheme}://127.0.0.1:1{IN_QUERY}")
    _no_token(stage, f"{scheme}://no-such-host.invalid{IN_QUERY}")
    stage.reached(API_KEY, HEADER)


def mistakes_of_the_caller(stage: Stage) -> None:
    """A secret in the wrong place, or of the wrong form, is not repeated."""
    fine = {"base_url": "http://127.0.0.1:1"}
    for arguments in (
        {"api_key": API_KEY + "\n" + API_KEY},
        {"api_key": API_KEY + "é"},
        {"api_key": [API_KEY]},
        {"credentials": BEARER},
        {"http_options": fine | {"headers": f"Authorization: {HEADER}"}},
        {"http_options": fine | {"headers": {"authorization": [HEADER]}}},
        {"http_options": fine | {"headers": {"authorization": f"{HEADER}\r\n"}}},
        {"http_options": {"base_url": f"https://me:{QUERY}@gateway.test"}},
        {"http_options": {"base_url": f"me:{QUERY}@gateway.test"}},
        {"http_options": {"base_url": f"gateway.test{IN_QUERY}"}},
        {"http_options": {"base_url": f"https://gateway.test:port{IN_QUERY}"}},
        {"api_key": None, "vertexai": True, "project": "p", "credentials": BEARER},
        {"ssl_context": API_KEY},
    ):
        error = stage.fails(lambda: stage.client("", **arguments).__enter__())  # noqa: B023
        assert isinstance(error, ConfigurationError)
    with stage.client(f"http://gateway.test{IN_QUERY}", http_options={}) as client:
        stage.fails(lambda: client.live.connect(model=MODEL))  # it would go unencrypted
        stage.fails(client.auth_tokens.create)
        for headers in (HEADER, {"x": [HEADER]}, {"x": f"{HEADER}\n"}):
            config = {"http_options": {"headers": headers}}
            stage.fails(lambda: client.live.connect(model=MODEL, config=config))  # noqa: B023
            stage.fails(lambda: client.auth_tokens.create(config))  # noqa: B023


def what_is_public(stage: Stage) -> None:
    """The parts that a client is made of, each printed."""
    options = types.HttpOptions(base_url="http://localhost:1", headers={"x-own": HEADER})
    api_client = ApiClient(http_options=options)
    auth = ApiKeyAuth(API_KEY)
    factory = WebSocketClientFactory()
    headers = api_client.request_headers(auth.headers("", timeout=None))
    credentials = google.oauth2.credentials.Credentials(BEARER, refresh_token=REFRESH_TOKEN)
    transport = factory(f"ws://localhost:1{IN_QUERY}", headers, timeout=1)
    resumption = types.SessionResumptionConfig(handle=OLD_HANDLE)
    live = Live(api_client, auth, factory)
    stage.watch.see(
        options,
        api_client,
        auth,
        TokenAuth(EPHEMERAL_TOKEN),
        GoogleAuth(credentials),
        GoogleAuth(credentials).headers("", timeout=None),
        NoAuth(),
        factory,
        transport,
        headers,
        api_client.headers,
        live,
        live.music,
        types.AuthToken(name=NEW_TOKEN),
        types.CreateAuthTokenConfig(http_options=options),
        types.LiveConnectConfig(http_options=options, session_resumption=resumption),
        types.LiveServerSessionResumptionUpdate(new_handle=NEW_HANDLE, resumable=True),
        {"name": headers},
    )
    transport.dispose()
    live.close()
