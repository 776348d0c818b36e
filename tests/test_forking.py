"""What a forked child makes anew, at whatever moment it was forked."""

import os
import socket
import ssl

from genai_live import Client, forking
from tests.certificates import authority_pem, server_context
from tests.child import in_child
from tests.raw_server import RawServer
from tests.service import KEY, MODEL, accept_setup, answer_close
from tests.timing import SOON


def is_open(descriptor):
    """Whether this process has it."""
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def test_a_fork_while_tls_takes_over_the_socket():
    """The child keeps no copy of the connection, though the socket that we know has no descriptor then."""
    reports = []

    class ForkingContext(ssl.SSLContext):
        def wrap_socket(self, sock, **options):
            descriptor = sock.detach()
            reports.append(in_child(lambda: str(is_open(descriptor))))
            return super().wrap_socket(socket.socket(fileno=descriptor), **options)

    context = ForkingContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=authority_pem().decode())

    def handle(peer):
        accept_setup(peer)
        answer_close(peer)

    with RawServer(handle, tls=server_context()) as server:
        options = {"base_url": f"https://localhost:{server.port}"}
        with Client(api_key=KEY, http_options=options, ssl_context=context) as client:
            client.live.connect(model=MODEL, timeout=SOON).close()
    assert reports == ["False"]


def test_what_cannot_be_renewed_keeps_nothing_else_from_it():
    """Else a child would wait for locks for ever."""
    renewed = []

    class Item:
        def __init__(self, number):
            self.number = number

        def after_fork_in_child(self):
            renewed.append(self.number)
            if self.number % 2:
                raise OSError("it cannot be")

    items = [Item(number) for number in range(10)]
    for item in items:
        forking.register(item)
    assert in_child(lambda: str(sorted(renewed))) == str(list(range(10)))
    assert renewed == []
