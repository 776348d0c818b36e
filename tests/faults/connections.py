"""The connections of the fault proxy. All of this runs on the proxy's one thread, but for `Watcher.wake`."""

import contextlib
import selectors
import socket
import struct
import sys
import threading
from collections.abc import Callable

if sys.platform == "linux":
    import fcntl
    import termios

READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE
BOUND = 65536
"""Bytes that are held for one direction, at most."""
_A_LITTLE_LATER = 0.0002


def bound_buffers(sock: socket.socket) -> None:
    """Lets the system hold little for a socket, so that a slow reader is felt soon."""
    for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
        sock.setsockopt(socket.SOL_SOCKET, option, 4 * BOUND)


def _unacknowledged(sock: socket.socket) -> int:
    """Bytes that have not reached the other side. Only Linux tells."""
    if sys.platform != "linux":
        return 0
    (count,) = struct.unpack("i", fcntl.ioctl(sock, termios.TIOCOUTQ, bytes(4)))
    return count


class Watcher:
    """Tells the connections what their sockets are ready for.

    Attributes:
        connections: Those that have an open socket.
        restless: Those that go on a little later, without an event.
    """

    def __init__(self) -> None:
        self.connections: set[Relay | Deaf] = set()
        self.restless: set[Relay] = set()
        self._selector = selectors.DefaultSelector()
        self._pause = threading.Event()
        self._waking, self._woken = socket.socketpair()
        self.watch(self._woken, READ, lambda events: self._woken.recv(BOUND))

    def wake(self) -> None:
        """Lets `run_once` return; from any thread."""
        self._waking.send(b"\0")

    def watch(self, sock: socket.socket, events: int, act: Callable[[int], object]) -> None:
        """Calls ``act`` with what the socket is ready for, whenever it is one of the events."""
        key = self._selector.get_map().get(sock)
        if key is None and events:
            self._selector.register(sock, events, act)
        elif key is not None and not events:
            self._selector.unregister(sock)
        elif key is not None and (key.events, key.data) != (events, act):
            self._selector.modify(sock, events, act)

    def close(self, sock: socket.socket, *, reset: bool = False) -> None:
        """Closes a socket; with a RST, what is under way is lost."""
        if sock in self._selector.get_map():
            self._selector.unregister(sock)
        if reset:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        sock.close()

    def run_once(self) -> None:
        """Waits for events, and acts on them."""
        for key, events in self._selector.select(0 if self.restless else None):
            # an earlier one of them may have closed this socket, or changed what is wanted of it
            if self._selector.get_map().get(key.fd) == key:
                key.data(events)
        for relay in tuple(self.restless):
            relay.act_later()
        if self.restless:
            self._pause.wait(_A_LITTLE_LATER)

    def stop(self) -> None:
        """Closes everything."""
        for connection in tuple(self.connections):
            connection.close(reset=False)
        self.close(self._woken)
        self._waking.close()
        self._selector.close()


class Deaf:
    """A socket that leads nowhere: what it receives is forgotten.

    It says its last words after the first bytes came, or at once, and ends. Without last words it is silent
    for ever. It is closed when the other side has ended as well, as closing it earlier would be a RST.
    """

    def __init__(
        self, watcher: Watcher, sock: socket.socket, words: bytes | None = None, *, at_once: bool = False
    ) -> None:
        self._watcher = watcher
        self._sock = sock
        self._words = words
        self._speaks = at_once
        self._heard_end = self._ended = False
        watcher.connections.add(self)
        self._update()

    def end(self) -> None:
        """Sends a FIN, whatever was left to say."""
        self._words, self._speaks = b"", True
        self._update()

    def close(self, *, reset: bool) -> None:
        """Closes the socket, with a RST or as the system likes."""
        self._watcher.connections.discard(self)
        self._watcher.close(self._sock, reset=reset)

    def _act(self, events: int) -> None:
        try:
            if events & READ:
                self._heard_end = not self._sock.recv(BOUND)
                self._speaks = True
            if events & WRITE and self._words:
                self._words = self._words[self._sock.send(self._words) :]
        except OSError:
            self.close(reset=False)  # the other side is gone
            return
        self._update()

    def _update(self) -> None:
        if self._words == b"" and self._speaks and not self._ended:
            self._ended = True
            with contextlib.suppress(OSError):  # the other side is gone: the next read says so
                self._sock.shutdown(socket.SHUT_WR)
        writes = bool(self._words) and self._speaks
        if self._heard_end and not writes:
            self.close(reset=False)
        else:
            events = (0 if self._heard_end else READ) | (WRITE if writes else 0)
            self._watcher.watch(self._sock, events, self._act)


class Flow:
    """Bytes on their way in one direction. No more are read than fit, so a slow receiver slows the sender.

    Attributes:
        held: What was read and is not written yet.
        frozen: Nothing is written, so soon nothing is read.
        left: How many bytes are still written before the cut; None without one.
        ended: The sender has ended, or is gone.
        broken: The sender is gone. What it has sent is still written, as a receiver sees that before a RST.
        passed_on: The receiver has been told of the end, or is gone.
    """

    def __init__(self) -> None:
        self.held = bytearray()
        self.frozen = False
        self.left: int | None = None
        self.ended = self.broken = self.passed_on = False

    @property
    def reads(self) -> bool:
        """Whether there is room for more."""
        return not self.ended and len(self.held) < BOUND

    @property
    def writes(self) -> bool:
        """Whether there is something to write."""
        return bool(self.held) and not self.frozen

    @property
    def drained(self) -> bool:
        """Whether all was written, and only the end is left to be passed on."""
        return self.ended and not (self.held or self.frozen or self.passed_on)

    def read(self, sender: socket.socket) -> None:
        """Takes what has come."""
        try:
            data = sender.recv(BOUND - len(self.held))
        except BlockingIOError:
            return
        except OSError:
            data = b""
            self.broken = True
        self.held += data
        self.ended = not data

    def write(self, receiver: socket.socket, size: int) -> None:
        """Passes on what the receiver takes of it."""
        if self.left is not None:
            size = min(size, self.left)
        with contextlib.suppress(BlockingIOError):  # it takes nothing now
            sent = receiver.send(self.held[:size])
            del self.held[:sent]
            if self.left is not None:
                self.left -= sent

    def drop(self) -> None:
        """The receiver is gone."""
        self.held.clear()
        self.ended = self.passed_on = True


class Relay:
    """A connection whose bytes are forwarded, both ways."""

    def __init__(self, watcher: Watcher, client: socket.socket) -> None:
        self._watcher = watcher
        self._client = client
        self._server: socket.socket | None = None
        self._connected = False
        self._up, self._down = Flow(), Flow()
        self._dribbles = False
        self._cut_by_reset = False
        self._greeting = b""
        watcher.connections.add(self)
        self.update()

    def connect(self, host: str, port: int, greeting: bytes = b"") -> None:
        """Connects to the server; the client is greeted when that is done."""
        self._greeting = greeting
        self._server = socket.socket()
        self._server.setblocking(False)
        bound_buffers(self._server)
        for sock in (self._client, self._server):  # or single bytes would be gathered
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._server.connect_ex((host, port))  # how it went, the first event tells
        self.update()

    def close(self, *, reset: bool) -> None:
        """Closes both sockets, with a RST or as the system likes."""
        self._leave()
        for sock in filter(None, (self._client, self._server)):
            self._watcher.close(sock, reset=reset)

    def end(self) -> None:
        """Sends a FIN to both sides. What is held is lost."""
        self.answer(b"")
        if self._server is not None:
            Deaf(self._watcher, self._server, b"", at_once=True)

    def answer(self, words: bytes) -> None:
        """Sends these last words to the client."""
        self._leave()
        Deaf(self._watcher, self._client, words, at_once=True)

    def freeze(self) -> None:
        """Writes nothing to either side, and tells neither that the other has ended."""
        self._up.frozen = self._down.frozen = True
        self.update()

    def freeze_upstream(self) -> None:
        """Writes nothing to the server."""
        self._up.frozen = True
        self.update()

    def dribble(self) -> None:
        """Writes to the client byte by byte."""
        self._dribbles = True
        self.update()

    def thaw(self) -> None:
        """Is as it was at first."""
        self._up.frozen = self._down.frozen = self._dribbles = False
        self.update()

    def cut_after(self, size: int, *, reset: bool) -> None:
        """Resets or ends as soon as so many more bytes were written to the client."""
        self._down.left = size
        self._cut_by_reset = reset
        self.update()

    def act_later(self) -> None:
        """Writes the next byte; before a cut none, which still fails if the client has gone meanwhile."""
        self._write(self._down, self._client, self._up, 1)
        self.update()

    def update(self) -> None:
        """Passes on what has ended, and watches for what comes next."""
        if self._down.left == 0:
            self._cut()
        elif self._up.passed_on and self._down.passed_on:
            self.close(reset=False)
        elif any(flow.drained and flow.broken for flow in (self._up, self._down)):
            self.close(reset=True)
        elif self._connected and self._up.drained:
            self._pass_on(self._up, self._server)
        elif self._down.drained:
            self._pass_on(self._down, self._client)
        else:
            self._watch()

    def _pass_on(self, flow: Flow, receiver: socket.socket) -> None:
        flow.passed_on = True
        with contextlib.suppress(OSError):  # it is gone: the next read says so
            receiver.shutdown(socket.SHUT_WR)
        self.update()

    def _cut(self) -> None:
        """Cuts once the bytes before the cut have arrived: a RST would overtake them."""
        if not self._cut_by_reset:
            self.end()
        elif self._up.broken or not _unacknowledged(self._client):
            self.close(reset=True)
        else:
            self._watch()
            self._watcher.restless.add(self)

    def _watch(self) -> None:
        dribbles = self._dribbles and self._down.writes
        if dribbles:
            self._watcher.restless.add(self)
        else:
            self._watcher.restless.discard(self)
        writes = self._down.writes and not dribbles
        events = (READ if self._up.reads else 0) | (WRITE if writes else 0)
        self._watcher.watch(self._client, events, self._act_on_client)
        if self._server is None:
            return
        if self._connected:
            events = (READ if self._down.reads else 0) | (WRITE if self._up.writes else 0)
        else:
            events = WRITE  # so it tells that it has connected
        self._watcher.watch(self._server, events, self._act_on_server)

    def _act_on_client(self, events: int) -> None:
        if events & READ:
            self._up.read(self._client)
        if events & WRITE:
            self._write(self._down, self._client, self._up, BOUND)
        self.update()

    def _act_on_server(self, events: int) -> None:
        if not self._connected:
            self._connected = True
            self._down.held += self._greeting
            self._down.read(self._server)  # which fails if it could not connect
            if self._down.broken:
                self.close(reset=True)
                return
        else:
            if events & READ:
                self._down.read(self._server)
            if events & WRITE:
                self._write(self._up, self._server, self._down, BOUND)
        self.update()

    def _write(self, flow: Flow, receiver: socket.socket, back: Flow, size: int) -> None:
        try:
            flow.write(receiver, size)
        except OSError:
            flow.drop()
            back.broken = True

    def _leave(self) -> None:
        self._watcher.connections.discard(self)
        self._watcher.restless.discard(self)


class Tunnel(Relay):
    """A connection whose client says first, by CONNECT, to which port of this machine it leads."""

    def update(self) -> None:
        """Opens the tunnel once it was asked for."""
        waits = self._server is None and not self._up.frozen
        if waits and b"\r\n\r\n" in self._up.held:
            self._open()
        elif waits and self._up.ended:
            self.end()
        else:
            super().update()

    def _open(self) -> None:
        head, _, rest = self._up.held.partition(b"\r\n\r\n")
        method, target, *_ = head.split()
        if method != b"CONNECT":
            self.answer(b"HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n")
            return
        self._up.held = rest
        port = int(target.rpartition(b":")[2])
        self.connect("127.0.0.1", port, greeting=b"HTTP/1.1 200 Connection established\r\n\r\n")
