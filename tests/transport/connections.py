"""A transport that is connected to a raw server, for one test."""

import contextlib
from collections.abc import Callable, Iterator

from genai_live.transport import WebSocketClientFactory, WebSocketTransport
from tests.certificates import client_context, server_context
from tests.raw_server import Peer, RawServer
from tests.timing import SOON, eventually


@contextlib.contextmanager
def connected(
    handle: Callable[[Peer], None], *, tls: bool = False, **options: int
) -> Iterator[WebSocketTransport]:
    """Runs ``handle`` after the upgrade; disposes of the transport at the end."""

    def upgraded(peer: Peer) -> None:
        peer.upgrade()
        handle(peer)

    with RawServer(upgraded, tls=server_context() if tls else None) as server:
        transport = WebSocketClientFactory(client_context(), **options)(server.url, {}, timeout=SOON)
        try:
            transport.connect()
            yield transport
        finally:
            transport.dispose()


def wait_until_writing(transport: WebSocketTransport) -> None:
    """Returns once a writer is in the middle of a message that does not fit into the sockets."""
    eventually(transport._frame_lock.locked)
