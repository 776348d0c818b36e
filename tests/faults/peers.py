"""The two sides of a connection through a proxy, with plain sockets."""

import contextlib
import socket
import struct
import threading

import pytest

from tests.fault_proxy import FaultProxy
from tests.raw_server import RawServer
from tests.timing import SOON, scaled


class Server:
    """Sends what a test tells it, and keeps what it received and how that ended."""

    def __init__(self):
        self.received = bytearray()
        self.ending = None
        self._changed = threading.Condition()
        self._peer = None

    def __call__(self, peer):
        """Serves its connection."""
        with self._changed:
            self._peer = peer
            self._changed.notify_all()
        try:
            while data := peer.sock.recv(65536):
                self._note(data, None)
            self._note(b"", "FIN")
        except ConnectionResetError:
            self._note(b"", "RST")

    def send(self, data):
        """Sends to its client."""
        self._wait(lambda: self._peer)
        self._peer.send(data)

    def wait_for(self, data):
        """Returns once it has received this, and no more."""
        self._wait(lambda: len(self.received) >= len(data))
        assert self.received == data

    def assert_silent(self):
        """It receives nothing, and no end."""
        with self._changed:
            assert not self._changed.wait(scaled(0.1))

    def wait_for_end(self):
        """How its connection ended."""
        self._wait(lambda: self.ending)
        return self.ending

    def _note(self, data, ending):
        with self._changed:
            self.received += data
            self.ending = ending
            self._changed.notify_all()

    def _wait(self, condition):
        with self._changed:
            assert self._changed.wait_for(condition, SOON)


def echo(peer):
    """Sends back what comes."""
    while data := peer.sock.recv(65536):
        peer.send(data)


@contextlib.contextmanager
def proxied(handle, *, tls=None):
    """A proxy before a server that runs this on each connection; and the server."""
    with RawServer(handle, tls=tls) as server, FaultProxy("127.0.0.1", server.port) as proxy:
        yield proxy, server


def connect(proxy):
    """A client."""
    return socket.create_connection(("127.0.0.1", proxy.port), timeout=SOON)


def let_it_act(proxy):
    """Returns when the proxy has done what it can: each of these is a round of it."""
    for _ in range(100):
        assert proxy.connections


def reset(sock):
    """Closes with a RST."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def read(sock, size):
    """Just so many bytes."""
    data = bytearray()
    while len(data) < size:
        piece = sock.recv(size - len(data))
        assert piece, f"it ended after {len(data)} bytes"
        data += piece
    return bytes(data)


def read_to_end(sock):
    """What comes until a FIN or a RST, and which of them."""
    data = bytearray()
    try:
        while piece := sock.recv(65536):
            data += piece
    except ConnectionResetError:
        return bytes(data), "RST"
    return bytes(data), "FIN"


def is_sound(sock, data=b"hello"):
    """Whether an echo comes back."""
    sock.sendall(data)
    return read(sock, len(data)) == data


def assert_silent(sock):
    """Nothing comes, and no end."""
    sock.settimeout(scaled(0.1))
    with pytest.raises(TimeoutError):
        sock.recv(1)
    sock.settimeout(SOON)
