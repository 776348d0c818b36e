"""Brings sessions of one client into every state that they can be in, each with a server of its own."""

import contextlib
import threading
from collections.abc import Callable

from genai_live import Client, ConnectionClosed, ReconnectPolicy, Session, State
from tests.certificates import client_context
from tests.raw_server import Peer, RawServer
from tests.servers.black_hole import black_hole
from tests.servers.sockets import connected_to
from tests.service import KEY, MODEL, accept_setup, answer_close, go_away, handle_given
from tests.timing import SOON, eventually

LARGE = {"realtimeInput": {"text": "x" * 12_000_000}}
FOREVER = SOON * 10
PATIENT = ReconnectPolicy(first_pause=FOREVER, longest_pause=FOREVER, attempt_timeout=FOREVER)


def say_nothing(peer: Peer) -> None:
    """Keeps the connection open to the end of the test."""
    peer.stopping.wait(FOREVER)


class Stage:
    """One client, and what is needed to bring its sessions into a state.

    Attributes:
        client: The client.
        ended: What calls of other threads, which wait for a session, raised in the end.
    """

    def __init__(self) -> None:
        self._servers = contextlib.ExitStack()
        self._threads: list[threading.Thread] = []
        self.ended: list[ConnectionClosed] = []
        # Its own address is never used: each session is given one.
        self.client = Client(
            api_key=KEY, http_options={"base_url": "http://127.0.0.1:1"}, ssl_context=client_context()
        )

    def __enter__(self) -> "Stage":
        return self

    def __exit__(self, *exception: object) -> None:
        self.client.close()
        self._servers.close()
        self.join()

    def join(self) -> None:
        """Waits for the other threads."""
        for thread in self._threads:
            thread.join(SOON)
            assert not thread.is_alive()

    def server(self, handle: Callable[[Peer], None]) -> RawServer:
        """A server that runs ``handle`` on each connection."""
        return self._servers.enter_context(RawServer(handle))

    def connect(self, port: int, scheme: str = "http", timeout: float | None = SOON) -> Session:
        """A session with the server at a port."""
        config = {"http_options": {"base_url": f"{scheme}://127.0.0.1:{port}"}}
        return self.client.live.connect(model=MODEL, config=config, timeout=timeout, reconnect=PATIENT)

    def meanwhile(self, call: Callable[[], object]) -> None:
        """Has another thread call, until the session's end."""

        def until_it_ends() -> None:
            try:
                call()
            except ConnectionClosed as error:
                self.ended.append(error)

        self._threads.append(threading.Thread(target=until_it_ends))
        self._threads[-1].start()

    # -- sessions that nobody holds yet --------------------------------------------------------------------

    def dialling(self) -> None:
        """The address answers nothing."""
        port = self._servers.enter_context(black_hole())
        others = connected_to(port)
        self.meanwhile(lambda: self.connect(port, timeout=None))
        eventually(lambda: connected_to(port) - others)

    def shaking_hands(self) -> None:
        """The server takes the connection, and says nothing of TLS."""
        reached = threading.Event()

        def handle(peer: Peer) -> None:
            assert peer.sock.recv(1)
            reached.set()
            say_nothing(peer)

        server = self.server(handle)
        self.meanwhile(lambda: self.connect(server.port, "https", timeout=None))
        assert reached.wait(SOON)

    def setting_up(self) -> None:
        """The server says nothing of the setup."""
        reached = threading.Event()

        def handle(peer: Peer) -> None:
            peer.upgrade()
            peer.read_frame()
            reached.set()
            say_nothing(peer)

        server = self.server(handle)
        self.meanwhile(lambda: self.connect(server.port, timeout=None))
        assert reached.wait(SOON)

    # -- sessions that have been open ------------------------------------------------------------------------

    def open(self) -> Session:
        """The server is silent, and does not answer a close."""

        def handle(peer: Peer) -> None:
            accept_setup(peer)
            say_nothing(peer)

        return self.connect(self.server(handle).port)

    def sending(self) -> Session:
        """A sender is stuck in the middle of a message."""
        session = self.open()
        self._send_all_of(LARGE, session)
        eventually(session.conn._frame_lock.locked)
        return session

    def _send_all_of(self, message: dict[str, object], session: Session) -> None:
        driver = session._driver  # the thread must not hold the session
        self.meanwhile(lambda: Session(driver, vertexai=False).send_raw(message, timeout=None))

    def leaving(self) -> Session:
        """The server said that it goes away, and does not answer our close."""

        def handle(peer: Peer) -> None:
            accept_setup(peer)
            peer.send(handle_given("handle") + go_away(FOREVER))
            peer.read_frame()
            reached.set()
            say_nothing(peer)

        reached = threading.Event()
        session = self.connect(self.server(handle).port)
        assert reached.wait(SOON)
        return session

    def _dropped_after(self, then: Callable[[Peer], None]) -> Session:
        reached = threading.Event()
        connections = []

        def handle(peer: Peer) -> None:
            connections.append(peer)
            if len(connections) == 1:
                accept_setup(peer)
                peer.send(handle_given("handle"))
                return
            peer.read_request()
            then(peer)
            reached.set()
            say_nothing(peer)

        session = self.connect(self.server(handle).port)
        assert reached.wait(SOON)
        eventually(lambda: session.state is State.RESUMING)
        return session

    def pausing(self) -> Session:
        """An attempt to connect again has failed, and the next one is far away."""

        def refuse(peer: Peer) -> None:
            peer.send(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")

        session = self._dropped_after(refuse)
        eventually(lambda: session.conn is None)
        return session

    def dialling_again(self) -> Session:
        """An attempt to connect again is under way, and does not get on."""
        return self._dropped_after(lambda peer: None)

    def closing(self) -> Session:
        """Another thread closes it, and waits for the server's answer."""
        session = self.open()
        self.meanwhile(lambda: session.close(timeout=FOREVER))
        eventually(lambda: session.state is State.CLOSING)
        return session

    def closed(self) -> Session:
        """It has ended."""

        def handle(peer: Peer) -> None:
            accept_setup(peer)
            answer_close(peer)

        session = self.connect(self.server(handle).port)
        session.close()
        return session
