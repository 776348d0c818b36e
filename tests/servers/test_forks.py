"""What a forked child keeps of its parent's connections: nothing."""

import contextlib
import os
import socket
import ssl
import threading

import pytest

from genai_live import Client, ConnectionClosed
from genai_live.transport import TransportClosed, WebSocketClientFactory
from tests.certificates import client_context, server_context
from tests.child import in_child
from tests.raw_server import RawServer
from tests.servers.black_hole import black_hole
from tests.servers.sockets import connected_to
from tests.service import KEY, MODEL
from tests.timing import SOON, eventually


@contextlib.contextmanager
def silent_server():
    """The port of a server that takes connections, and says nothing."""
    with RawServer(lambda peer: peer.wait_until_told()) as server:
        yield server.port


@pytest.mark.parametrize(
    ("stalled", "scheme"),
    [(black_hole(), "http"), (silent_server(), "https"), (silent_server(), "http")],
    ids=["TCP", "TLS", "upgrade"],
)
def test_a_fork_while_connecting_leaves_no_socket_in_the_child(stalled, scheme):
    """Whatever step a connection is at, the child's copy of its socket is closed."""
    with stalled as port:
        others = connected_to(port)
        options = {"base_url": f"{scheme}://127.0.0.1:{port}"}
        with Client(api_key=KEY, http_options=options, ssl_context=client_context()) as client:

            def connect():
                with contextlib.suppress(ConnectionClosed):
                    client.live.connect(model=MODEL, timeout=SOON)

            connecting = threading.Thread(target=connect)
            connecting.start()
            eventually(lambda: connected_to(port) - others)
            assert in_child(lambda: repr(connected_to(port) - others)) == "set()"
            client.close(timeout=0.1)
            connecting.join(SOON)


def test_an_abandoned_connection_leaves_alone_what_takes_its_number():
    """OpenSSL remembers the number of the descriptor; nothing is read from what is opened under it next."""
    numbers = []

    class Numbered(ssl.SSLSocket):
        """Tells its descriptor."""

        def do_handshake(self, block=False):
            numbers.append(self.fileno())
            super().do_handshake(block)

    def handle(peer):
        peer.upgrade()
        peer.read_until_closed()

    context = client_context()
    context.sslsocket_class = Numbered
    with RawServer(handle, tls=server_context()) as server:
        transport = WebSocketClientFactory(context)(server.url, {}, timeout=SOON)
        transport.connect()
        near, far = socket.socketpair()
        transport.abandon_after_fork()
        number = os.dup2(near.fileno(), numbers[-1])
        with near, far, socket.socket(fileno=number) as next_one:
            far.sendall(b"not yours")
            with pytest.raises(TransportClosed):
                transport.receive(timeout=0)
            assert next_one.recv(100) == b"not yours"
        transport.dispose()
