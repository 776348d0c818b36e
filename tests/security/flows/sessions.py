"""What can happen to a session on one connection."""

import gc
import json
import socket
import struct
import threading
import urllib.parse

from genai_live import AuthenticationError, ConnectionClosed, HandshakeError, LiveCallbacks, ProtocolError
from genai_live.emulator import Emulator
from tests.raw_server import TEXT, Peer, close_frame, frame
from tests.security.flows.conversation import IN_QUERY, NEW, RESUMING, converse, refused, talk
from tests.security.stage import API_KEY, EPHEMERAL_TOKEN, HEADER, NEW_HANDLE, NEW_TOKEN, QUERY, Stage
from tests.service import MODEL, accept_setup, answer_close, message, read_message, text
from tests.timing import SOON


def a_conversation(stage: Stage) -> None:
    """From the connection to its end."""
    with stage.serving(converse) as url:
        talk(stage, url)
    stage.reached(API_KEY, HEADER)


def a_wrong_key(stage: Stage) -> None:
    """The service takes the connection, and refuses the key by closing it."""

    def handle(peer: Peer) -> None:
        peer.upgrade()
        read_message(peer)
        peer.send(close_frame(1007, "API key not valid. Please pass a valid API key."))
        answer_close(peer)

    with stage.serving(handle) as url:
        assert isinstance(refused(stage, url), AuthenticationError)
    stage.reached(API_KEY, HEADER)


def a_close_that_repeats_the_key(stage: Stage) -> None:
    """Before the setup is complete, and in the middle of a conversation."""
    reason = f"Permission denied: Consumer 'api_key:{API_KEY}' has been suspended. {QUERY}"

    def handle(peer: Peer) -> None:
        accept_setup(peer)
        read_message(peer)
        peer.send(close_frame(1008, reason))
        answer_close(peer)

    def refuse(peer: Peer) -> None:
        peer.upgrade()
        peer.send(close_frame(1008, reason))
        answer_close(peer)

    with stage.serving(refuse) as url:
        refused(stage, url + IN_QUERY)
    with stage.serving(handle) as url, stage.client(url + IN_QUERY) as client:
        session = client.live.connect(model=MODEL, timeout=SOON)
        stage.fails(lambda: session.ask("Hi", timeout=SOON))
        stage.watch.see(session.close_reason)
        session.close(timeout=SOON)
    stage.reached(API_KEY)


def secrets_of_tools(stage: Stage) -> None:
    """What tools of the service sign in with is part of the setup."""
    setups = []

    def handle(peer: Peer) -> None:
        setups.append(json.dumps(accept_setup(peer)))
        answer_close(peer)

    transport = {"url": "https://tools.test", "headers": {"authorization": f"Bearer {HEADER}"}}
    searches = [{"parallel_ai_search": {"api_key": NEW_TOKEN}}, {"exa_ai_search": {"api_key": NEW_TOKEN}}]
    for vertexai, tools in (
        (False, [{"mcp_servers": [{"name": "mine", "streamable_http_transport": transport}]}]),
        (True, searches),
    ):
        with stage.serving(handle) as url, stage.client(url, vertexai=vertexai) as client:
            client.live.connect(model=MODEL, config={"tools": tools}, timeout=SOON).close(timeout=SOON)
    assert HEADER in setups[0]
    assert NEW_TOKEN in setups[1]


def refusals_that_repeat_the_request(stage: Stage) -> None:
    """As gateways do for debugging, and Google's own "Consumer 'api_key:…' has been suspended"."""
    for status in (302, 400, 401, 403, 404, 503):

        def handle(peer: Peer, status: int = status) -> None:
            asked = peer.read_request()
            phrase = f"Permission denied: Consumer 'api_key:{API_KEY}' has been suspended"
            head = f"HTTP/1.1 {status} {phrase}\r\nX-Asked: {API_KEY} {HEADER}\r\n"
            peer.send(f"{head}Location: https://other.test/?{API_KEY}\r\n\r\n{QUERY}\n".encode() + asked)

        with stage.serving(handle) as url:
            error = refused(stage, url + IN_QUERY)
        refusal = error if isinstance(error, HandshakeError) else error.__cause__
        assert isinstance(refusal, HandshakeError)
        assert refusal.status == status
        stage.watch.see(refusal.body, refusal.headers)
    stage.reached(API_KEY, HEADER)


def an_answer_that_breaks_the_protocol(stage: Stage) -> None:
    """No WebSocket, an echo of the request, or no answer at all."""
    for answer in (b"HTTP/1.1 101 Yes\r\nX-Key: " + API_KEY.encode() + b"\r\n\r\n", None, b""):

        def handle(peer: Peer, answer: bytes | None = answer) -> None:
            asked = peer.read_request() + b"\r\n\r\n"
            peer.send(asked if answer is None else answer)

        with stage.serving(handle) as url:
            assert isinstance(refused(stage, url + IN_QUERY), HandshakeError)
    stage.reached(API_KEY, HEADER)


def a_connection_that_breaks_in_the_request(stage: Stage) -> None:
    """The request is too large for the sockets, and only its beginning is read."""

    def handle(peer: Peer) -> None:
        assert peer.sock.recv(10)
        peer.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    with stage.serving(handle) as url:
        headers = {"x-own": HEADER, "x-padding": "x" * 16_000_000}
        error = refused(stage, url, http_options={"headers": headers})
        assert isinstance(error.__cause__, OSError)


def nobody_is_there(stage: Stage) -> None:
    """The port is closed, the name unknown, or TLS is spoken on one side only."""
    scheme = "https" if stage.tls else "http"
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    refused(stage, f"{scheme}://127.0.0.1:{port}{IN_QUERY}")
    refused(stage, f"{scheme}://no-such-host.invalid{IN_QUERY}", http_options={"allow_insecure": True})
    with stage.serving(lambda peer: peer.send(b"HTTP/1.1 400 No\r\n\r\n"), tls=not stage.tls) as url:
        refused(stage, f"{scheme}://{url.partition('://')[2]}{IN_QUERY}")


def a_gateway_with_a_key_in_its_address(stage: Stage) -> None:
    """A conversation over it, and a refusal."""
    with stage.serving(converse) as url:
        talk(stage, url + IN_QUERY, api_key=None, vertexai=True)

    def refuse(peer: Peer) -> None:
        peer.upgrade()
        peer.send(close_frame(1008, "no"))
        answer_close(peer)

    with stage.serving(refuse) as url:
        refused(stage, url + IN_QUERY)
    stage.reached(urllib.parse.quote(QUERY, safe=""), HEADER)


def bad_messages_that_hold_a_handle(stage: Stage) -> None:
    """What is wrong with a message is told with its beginning."""
    good = json.dumps(NEW)
    for bad in (
        good.replace("true", '"maybe"').encode(),
        good[:-1].encode(),
        good[:-20].encode(),
        f"[{good}]".encode(),
        good.encode() + b"\xff",
    ):

        def handle(peer: Peer, bad: bytes = bad) -> None:
            accept_setup(peer)
            peer.send(frame(TEXT, bad))
            peer.read_until_closed()

        with stage.serving(handle) as url, stage.client(url) as client:
            session = client.live.connect(model=MODEL, config=RESUMING, timeout=SOON)
            assert isinstance(stage.fails(lambda: list(session.receive(timeout=SOON))), ProtocolError)  # noqa: B023
            session.close(timeout=SOON)

    def too_early(peer: Peer) -> None:
        peer.upgrade()
        peer.send(message(NEW))
        peer.read_until_closed()

    with stage.serving(too_early) as url:
        assert isinstance(refused(stage, url), ProtocolError)


def an_end_by_the_server(stage: Stage) -> None:
    """In the middle of a conversation, for good; callbacks are told as well."""

    def handle(peer: Peer) -> None:
        accept_setup(peer)
        peer.send(message(NEW) + text("Hel"))
        read_message(peer)
        peer.send(close_frame(1007, "Request contains an invalid argument."))
        answer_close(peer)

    with stage.serving(handle) as url, stage.client(url) as client:
        session = client.live.connect(model=MODEL, config=RESUMING, timeout=SOON)
        ended = stage.fails(lambda: session.ask("Hi", timeout=SOON))
        assert isinstance(ended, ConnectionClosed)
        assert ended.resumption_handle == NEW_HANDLE
        stage.watch.see(session)
        session.close(timeout=SOON)

        see, closed = stage.watch.see, threading.Event()
        callbacks = LiveCallbacks(
            on_open=see, on_message=see, on_error=see, on_close=lambda *told: (see(*told), closed.set())
        )
        session = client.live.connect(model=MODEL, config=RESUMING, callbacks=callbacks, timeout=SOON)
        session.send_client_content(turns="Hi")
        assert closed.wait(SOON)
        stage.watch.see(session, callbacks)


def a_session_that_is_dropped(stage: Stage) -> None:
    """Without close: a warning."""
    with stage.serving(converse) as url, stage.client(url) as client:
        client.live.connect(model=MODEL, config=RESUMING, timeout=SOON)
        gc.collect()
    assert any("ResourceWarning" in text for text in stage.watch.texts)
    stage.reached(API_KEY, HEADER)


def the_emulator(stage: Stage) -> None:
    """It may be given a real key by mistake."""
    with Emulator(tls=stage.tls, api_keys=[API_KEY], time_scale=0) as emulator:
        for key in (API_KEY, EPHEMERAL_TOKEN):
            with stage.client(emulator.url, api_key=key, ssl_context=emulator.ssl_context) as client:
                if key is API_KEY:
                    with client.live.connect(model=MODEL, timeout=SOON) as session:
                        session.ask("Hi", timeout=SOON)
                    stage.watch.see(client.auth_tokens.create(timeout=SOON))
                else:
                    stage.fails(lambda: client.live.connect(model=MODEL, timeout=SOON))
        stage.watch.see(emulator, *emulator.connections)
        assert emulator.connections[0].headers["x-goog-api-key"] == API_KEY


def music(stage: Stage) -> None:
    """Its sessions sign in alike."""

    def handle(peer: Peer) -> None:
        accept_setup(peer)
        answer_close(peer)

    with stage.serving(handle) as url, stage.client(url) as client:
        with client.live.music.connect(model="models/lyria", timeout=SOON) as session:
            stage.watch.see(session, session.conn)
    stage.reached(API_KEY, HEADER)
