"""A server that resets the connection between TCP and TLS."""

import os
import socket
import ssl
import struct

import pytest

from genai_live.errors import HandshakeError
from genai_live.transport.stream import Stream
from genai_live.waiting import Deadline, Wakeup
from genai_live.waiting.wakeup import poll
from tests.timing import SOON


def test_a_reset_before_tls_is_a_failed_handshake():
    """As at any other time, so that another attempt is made; and no descriptor is left."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        sock = socket.create_connection(listener.getsockname())
        peer, _ = listener.accept()
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        peer.close()
    sock.setblocking(False)
    wakeup, descriptor = Wakeup(), sock.fileno()
    poll({descriptor: 0}, Deadline(SOON))  # returns once the reset has come
    stream = Stream(sock, wakeup)
    with pytest.raises(HandshakeError, match="TLS handshake with localhost failed"):
        stream.start_tls(ssl.create_default_context(), "localhost", Deadline(SOON))
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)
    stream.close()
    wakeup.close()
