"""A TCP proxy on loopback whose connections suffer what a test tells it. It forwards bytes, TLS or not.

It has one thread. The methods may be called from any other; when one returns, it has been done.
"""

import contextlib
import socket
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from types import TracebackType
from typing import Any, TypeVar

from tests.faults.connections import READ, Deaf, Relay, Tunnel, Watcher, bound_buffers
from tests.timing import SOON

_T = TypeVar("_T")
_P = TypeVar("_P", bound="_Proxy")


class _Proxy:
    """What every proxy here does.

    A fault strikes the connections that are open, or those that come next: each fault one of them, in the
    order in which the test asked. A connection without a fault is as one without a proxy: a slow side slows
    the other, and a side that has ended or is gone is seen by the other.

    Attributes:
        port: Where to connect to, on 127.0.0.1.
    """

    def __init__(self) -> None:
        self._reserved = self._bind(0)  # all the time, so that nobody else gets the port while nobody listens
        self.port: int = self._reserved.getsockname()[1]
        self._listener: socket.socket | None = None
        self._watcher = Watcher()
        self._plans: deque[Callable[[socket.socket], object]] = deque()
        self._accepted = 0
        self._accepting = threading.Condition()
        self._commands: deque[tuple[Callable[[], Any], Future[Any]]] = deque()
        self._closed = False
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="fault proxy", daemon=True)

    @property
    def connections(self) -> int:
        """How many were accepted so far, with those that were refused at once."""
        return self._command(lambda: self._accepted)

    def wait_for_connections(self, count: int) -> None:
        """Returns once so many were accepted."""
        with self._accepting:
            came = self._accepting.wait_for(lambda: self._accepted >= count, SOON)
            assert came, f"{self._accepted} connections came, not {count}"

    def reset(self) -> None:
        """Sends a RST to both sides of all open connections. What is under way is lost."""
        self._command(lambda: [connection.close(reset=True) for connection in self._open()])

    def end(self) -> None:
        """Sends a FIN to both sides of all open connections. What is under way is lost."""
        self._command(lambda: [connection.end() for connection in self._open()])

    def freeze(self) -> None:
        """The open connections go silent, both ways: not even that a side has ended is told to the other."""
        self._command(lambda: [relay.freeze() for relay in self._relays()])

    def freeze_upstream(self) -> None:
        """The open connections take no more from the client, so its sends soon block; it still receives."""
        self._command(lambda: [relay.freeze_upstream() for relay in self._relays()])

    def dribble(self) -> None:
        """The open connections give the client what is sent byte by byte, with a pause after each."""
        self._command(lambda: [relay.dribble() for relay in self._relays()])

    def thaw(self) -> None:
        """The open connections are sound again: nothing that was frozen or late is lost."""
        self._command(lambda: [relay.thaw() for relay in self._relays()])

    def cut_after(self, size: int, *, reset: bool = True) -> None:
        """The open connections give the client so many more bytes, then both sides a RST, or else a FIN."""
        self._command(lambda: [relay.cut_after(size, reset=reset) for relay in self._relays()])

    def cut_next_after(self, size: int, *, reset: bool = True) -> None:
        """As `cut_after`, for the next connection."""
        self._plan(lambda sock: self._forward(sock).cut_after(size, reset=reset))

    def dribble_next(self) -> None:
        """As `dribble`, for the next connection."""
        self._plan(lambda sock: self._forward(sock).dribble())

    def refuse_next(self, count: int = 1) -> None:
        """The next connections are accepted, and reset at once."""
        self._plan(lambda sock: self._watcher.close(sock, reset=True), count)

    def swallow_next(self, count: int = 1) -> None:
        """The next connections are accepted, and never answered."""
        self._plan(lambda sock: Deaf(self._watcher, sock), count)

    def answer_next(self, answer: bytes) -> None:
        """The next connection gets these bytes once it has said something, then a FIN; no server sees it."""
        self._plan(lambda sock: Deaf(self._watcher, sock, answer))

    def stop_listening(self) -> None:
        """Connections are refused from now on. Those that are open go on."""
        self._command(self._stop_listening)

    def listen_again(self) -> None:
        """Connections are accepted again, on the same port."""
        self._command(self._listen)

    def __enter__(self: _P) -> _P:
        self._listen()
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with contextlib.suppress(RuntimeError):  # its thread has failed, and pytest tells of that
            self._command(self._close)
        self._thread.join(SOON)

    def _forward(self, sock: socket.socket) -> Relay:
        """A sound connection."""
        raise NotImplementedError

    def _plan(self, act: Callable[[socket.socket], object], count: int = 1) -> None:
        self._command(lambda: self._plans.extend([act] * count))

    def _command(self, act: Callable[[], _T]) -> _T:
        done: Future[_T] = Future()
        with self._lock:
            if self._closed:
                raise RuntimeError("the proxy is closed")
            self._commands.append((act, done))
            self._watcher.wake()
        return done.result(SOON)

    def _run(self) -> None:
        try:
            while not self._closed:
                self._watcher.run_once()
                if self._commands:
                    self._accept(READ)  # what a client takes to be open is open for a command, too
                while self._commands:
                    act, done = self._commands[0]
                    done.set_result(act())
                    self._commands.popleft()
        finally:
            with self._lock:
                self._closed = True
            for _, done in self._commands:
                done.set_exception(RuntimeError("the proxy is closed"))
            self._stop_listening()
            self._reserved.close()
            self._watcher.stop()

    def _close(self) -> None:
        self._closed = True

    def _open(self) -> tuple[Relay | Deaf, ...]:
        return tuple(self._watcher.connections)

    def _relays(self) -> list[Relay]:
        return [connection for connection in self._open() if isinstance(connection, Relay)]

    @staticmethod
    def _bind(port: int) -> socket.socket:
        sock = socket.socket()
        for option in (socket.SO_REUSEADDR, socket.SO_REUSEPORT):
            sock.setsockopt(socket.SOL_SOCKET, option, 1)
        sock.bind(("127.0.0.1", port))
        return sock

    def _listen(self) -> None:
        if self._listener is None:
            self._listener = self._bind(self.port)
            bound_buffers(self._listener)  # those that it accepts inherit this
            self._listener.setblocking(False)
            self._listener.listen()
            self._watcher.watch(self._listener, READ, self._accept)

    def _stop_listening(self) -> None:
        if self._listener is not None:
            self._watcher.close(self._listener)
            self._listener = None

    def _accept(self, events: int) -> None:
        while self._listener is not None:
            try:
                sock, _ = self._listener.accept()
            except BlockingIOError:
                return
            sock.setblocking(False)
            (self._plans.popleft() if self._plans else self._forward)(sock)
            with self._accepting:
                self._accepted += 1
                self._accepting.notify_all()


class FaultProxy(_Proxy):
    """Stands before one server.

    Args:
        host: Where that server listens.
        port: Likewise.
    """

    def __init__(self, host: str, port: int) -> None:
        super().__init__()
        self._target = (host, port)

    def _forward(self, sock: socket.socket) -> Relay:
        relay = Relay(self._watcher, sock)
        relay.connect(*self._target)
        return relay


class ConnectProxy(_Proxy):
    """An HTTP proxy: the client says by CONNECT to which port it leads, on this machine whatever the host.

    `answer_next` makes it refuse, with a 407 or any other status; `swallow_next` makes it a dead one.
    """

    def _forward(self, sock: socket.socket) -> Relay:
        return Tunnel(self._watcher, sock)
