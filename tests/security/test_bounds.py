"""What a hostile server sends is bounded: in memory, in depth, in headers, and in time.

More of this stands elsewhere: single frames in tests/transport/test_reading.py, each JSON engine by itself in
tests/codec/test_json_text.py, bad messages of a session in tests/session/test_bad_frames.py, its inbox in
tests/session/test_back_pressure.py, and bodies over REST in tests/rest/test_requests.py.
"""

import contextlib
import json
import socket
import struct
import threading
import tracemalloc

import pytest

from genai_live import Client, HandshakeError, LiveTimeout, ProtocolError, State
from genai_live.codec import json_text
from genai_live.transport import TransportClosed, WebSocketClientFactory
from genai_live.transport.exchange import MAX_HEAD_BYTES
from genai_live.transport.frames import MAX_MESSAGE_BYTES, MessageReader
from tests.certificates import client_context, server_context
from tests.raw_server import BINARY, CLOSE, PING, PONG, TEXT, RawServer, frame
from tests.service import KEY, answer_close, conversing, message, read_message
from tests.timing import SOON, eventually, scaled
from tests.transport.connections import connected


@contextlib.contextmanager
def memory_below(limit):
    """Fails where the block held more bytes at once, in all threads."""
    tracemalloc.start()
    try:
        yield
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < limit


@pytest.fixture(params=[False, True], ids=["plain", "tls"])
def tls(request):
    """Whether the servers speak TLS."""
    return request.param


# -- frames --------------------------------------------------------------------------------------------------


def test_a_declared_length_allocates_nothing(tls):
    """Neither one that is refused, nor the largest one that is not."""
    refused = b"\x82\x7f" + struct.pack("!Q", 1 << 62)
    allowed = b"\x82\x7f" + struct.pack("!Q", MAX_MESSAGE_BYTES) + b"x"
    for declared, kind in ((refused, ProtocolError), (allowed, TransportClosed)):
        with connected(lambda peer: peer.send(declared), tls=tls) as transport:  # noqa: B023
            with memory_below(1_000_000), pytest.raises(kind):
                transport.receive(SOON)


@pytest.mark.parametrize("size", [0, 1, 2])
def test_tiny_fragments_take_no_more_room_than_their_bytes(size):
    """A list of them would take thirty times as much, and for empty ones there would be no bound at all."""
    count = 30_000
    data = memoryview(
        frame(TEXT, b"a", fin=False) + frame(0, b"\x7f\x7f"[:size], fin=False) * count + frame(0, b"z")
    )
    position = 0

    def receive(wanted):
        nonlocal position
        position += wanted
        return bytes(data[position - wanted : position])

    reader = MessageReader(receive)
    with memory_below(250_000):
        text = reader.read()
    assert len(text) == size * count + 2


@pytest.mark.parametrize("piece", [1, 2])
def test_a_frame_in_tiny_pieces_takes_no_more_room_than_its_bytes(piece):
    """However slowly it trickles in."""
    data = frame(BINARY, b"x" * 60_000)
    position = 0

    def receive(wanted):
        nonlocal position
        position += (taken := min(wanted, piece))
        return data[position - taken : position]

    reader = MessageReader(receive)
    with memory_below(250_000):
        assert len(reader.read()) == 60_000


def test_fragments_without_end_are_refused_at_the_bound(tls):
    """A message that never ends is an error, and does not fill the memory."""

    def handle(peer):
        peer.send(frame(BINARY, b"x", fin=False))
        while not peer.stopping.is_set():
            peer.send(frame(0, b"x" * 1000, fin=False) * 100)

    with connected(handle, tls=tls, max_message_bytes=1_000_000) as transport:
        with memory_below(3_000_000), pytest.raises(ProtocolError, match="over 1000000 bytes"):
            transport.receive(SOON)


def test_empty_fragments_without_end_do_not_keep_a_session_from_closing(tls):
    """They are never a message, and the reader is cut off from them in time."""
    flooding = threading.Event()

    def handle(peer):
        peer.sock.settimeout(scaled(1))  # a client that goes while nothing fits any more is not noticed
        peer.send(frame(TEXT, b"", fin=False))
        while not peer.stopping.is_set():
            peer.send(frame(0, fin=False) * 1000)
            flooding.set()

    with conversing(handle, tls=tls) as session:
        assert flooding.wait(SOON)
        session.close(timeout=scaled(0.5))
        eventually(lambda: session.state is State.CLOSED)


def test_pings_without_end_take_no_memory(tls):
    """The newest one is always answered, and none is kept."""
    batches, pings = 50, 100

    def handle(peer):
        for batch in range(batches):
            payloads = [f"{batch} {number} ".encode() * 12 for number in range(pings)]
            peer.send(b"".join(frame(PING, payload) for payload in payloads))
            while peer.read_frame() != (True, PONG, payloads[-1]):
                pass
        peer.send(frame(TEXT, b"enough"))

    with connected(handle, tls=tls) as transport:
        with memory_below(500_000):
            assert transport.receive(3 * SOON) == "enough"  # measuring takes its time


def test_pings_without_end_take_no_memory_where_the_answers_are_not_read(tls, monkeypatch):
    """Whoever sends pings and reads nothing gets what the buffers on the way hold, and the newest answer.

    Not over TCP: with both directions full of small packets Linux at times drops one, and then refuses all
    that follow, with the news in them that the client has read.
    """
    flood = frame(PING, b"x" * 125) * 100

    def handle(peer):
        peer.sock.settimeout(3 * SOON)
        peer.upgrade()
        for _ in range(200):  # 2.6 MB: more than the buffers hold, on the way back
            peer.send(flood)
        peer.send(frame(TEXT, b"enough"))
        peer.wait_until_told()

    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    monkeypatch.setattr("genai_live.transport.websocket.connect_tcp", lambda *_: ours)
    with RawServer(handle, tls=server_context() if tls else None) as server:
        server.serve(theirs)
        transport = WebSocketClientFactory(client_context())(server.url, {}, timeout=SOON)
        try:
            transport.connect()
            with memory_below(500_000):
                assert transport.receive(3 * SOON) == "enough"  # measuring takes its time
            assert transport._unsent_control
        finally:
            transport.dispose()


def test_a_flood_of_pings_does_not_hold_up_a_deadline(tls):
    """The reader returns at its timeout, though something comes all the time."""

    def handle(peer):
        while not peer.stopping.is_set():
            peer.send(frame(PING, b"x") * 100)

    with connected(handle, tls=tls) as transport:
        assert transport.receive(scaled(0.1)) is None
        transport.abort()


@pytest.mark.parametrize("payload", [struct.pack("!H", 1000) + b"x" * 124, b"\x03\xe8" * 40_000])
def test_a_close_frame_is_no_larger_than_a_control_frame(payload, tls):
    """126 bytes or more are an error, not a reason (RFC 6455, section 5.5)."""
    with connected(lambda peer: peer.send(frame(CLOSE, payload)), tls=tls) as transport:
        with pytest.raises(ProtocolError, match="over 125 bytes"):
            transport.receive(SOON)


# -- nesting -------------------------------------------------------------------------------------------------


@pytest.fixture(params=["installed", "standard library's"])
def engine(request, monkeypatch):
    """Whatever reads the JSON."""
    if request.param != "installed":
        monkeypatch.setattr(json_text, "engine", json_text.StandardEngine())


def _nested(levels, opening, closing):
    return opening * levels + "1" + closing * levels


@pytest.mark.parametrize(("opening", "closing"), [('{"a":', "}"), ("[", "]")])
@pytest.mark.parametrize(
    "place", ['{{"toolCall":{{"functionCalls":[{{"args":{{"x":{}}}}}]}}}}', '{{"new":{}}}']
)
def test_64_levels_are_fine(place, opening, closing, engine):
    """In what the model asks for, and in what only a newer library would know."""
    text = _nested(64, opening, closing)

    def handle(peer):
        peer.send(frame(TEXT, place.format(text).encode()))
        answer_close(peer)

    with conversing(handle) as session:
        received = next(session.messages(timeout=SOON))
        got = received.unknown_fields.get("new") or received.tool_call.function_calls[0].args["x"]
        assert got == json.loads(text)


@pytest.mark.parametrize("levels", [101, 5_000, 100_000])
@pytest.mark.parametrize(("opening", "closing"), [('{"a":', "}"), ("[", "]"), ('[{"a":[', "]}]")])
def test_depth_without_end_is_an_error_and_no_crash(levels, opening, closing, engine):
    """The session ends in a ProtocolError for its reader; the client can be used on."""
    bad = f'{{"serverContent":{{"new":{_nested(levels, opening, closing)}}}}}'

    def handle(peer):
        read_message(peer)
        peer.send(message({"new": "good"}) + frame(TEXT, bad.encode()))
        answer_close(peer)

    with conversing(handle) as session:
        session.send_client_content(turns="x")
        reading = session.receive(timeout=SOON)
        assert next(reading).unknown_fields == {"new": "good"}
        with pytest.raises(ProtocolError, match=r"nest|depth|[Rr]ecursion") as caught:
            next(reading)
        assert len(str(caught.value)) < 1000


# -- answers to the upgrade and to requests ------------------------------------------------------------------


def _connect(url):
    """Raises what the upgrade does."""
    transport = WebSocketClientFactory(client_context())(url, {}, timeout=SOON)
    try:
        transport.connect()
    finally:
        transport.dispose()


def _create(url, timeout=SOON):
    """Raises what a request does."""
    options = {"base_url": url.replace("ws", "http", 1)}
    with Client(api_key=KEY, http_options=options, ssl_context=client_context()) as client:
        client.auth_tokens.create(timeout=timeout)


UPGRADED = b"HTTP/1.1 101 Yes\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        (b"X: " + b"y" * MAX_HEAD_BYTES + b"\r\n", "head is over 65536 bytes"),
        (b"X: " + b"y" * 1000 + b"\r\n" + b"Z: z\r\n" * 12_000, "head is over 65536 bytes"),
        (b"X: y\r\n" * 101, "more than 100 headers"),
    ],
    ids=["one", "long", "many"],
)
def test_the_head_of_an_answer_is_bounded(fields, complaint, tls):
    """One large header, or many small ones, in a refusal and where the upgrade is accepted."""
    for status_line in (UPGRADED, b"HTTP/1.1 403 No\r\n"):

        def handle(peer, status_line=status_line):
            peer.read_request()
            peer.send(status_line + fields + b"\r\n")
            peer.read_until_closed()

        with RawServer(handle, tls=server_context() if tls else None) as server:
            with pytest.raises(HandshakeError, match=complaint):
                _connect(server.url)


def test_headers_over_rest_are_bounded(tls):
    """A hundred and one are refused."""

    def handle(peer):
        peer.read_request()
        peer.send(b"HTTP/1.1 200 Yes\r\n" + b"X: y\r\n" * 101 + b"Content-Length: 2\r\n\r\n{}")
        peer.read_until_closed()

    with RawServer(handle, tls=server_context() if tls else None) as server:
        with pytest.raises(HandshakeError, match="more than 100 headers"):
            _create(server.url)


def _for_ever(beginning, piece):
    def handle(peer):
        peer.read_request()
        peer.send(beginning)
        while not peer.stopping.is_set():
            peer.send(piece)

    return handle


@pytest.mark.parametrize("status", [100, 102, 103])
def test_provisional_answers_without_end_are_not_waited_out(status, tls):
    """No such answer belongs to an upgrade, so the first one refuses it."""
    handle = _for_ever(b"", f"HTTP/1.1 {status} Wait\r\n\r\n".encode())
    with RawServer(handle, tls=server_context() if tls else None) as server:
        with memory_below(2_000_000), pytest.raises(HandshakeError, match=f"with {status} Wait") as caught:
            _connect(server.url)
    assert caught.value.status == status


def test_provisional_answers_without_end_over_rest_keep_the_deadline(tls):
    """requests passes over each of them; who waits is told in time."""
    handle = _for_ever(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100)
    with RawServer(handle, tls=server_context() if tls else None) as server:
        with memory_below(20_000_000), pytest.raises(LiveTimeout):
            _create(server.url, timeout=scaled(0.5))


@pytest.mark.parametrize("length", ["Content-Length: 10000000000\r\n", "Transfer-Encoding: chunked\r\n", ""])
def test_of_a_refusals_body_the_beginning_is_kept(length, tls):
    """64 KiB, however much there is."""
    handle = _for_ever(f"HTTP/1.1 503 No\r\n{length}\r\n".encode(), b"x" * 50_000)
    with RawServer(handle, tls=server_context() if tls else None) as server:
        with memory_below(2_000_000), pytest.raises(HandshakeError, match="503 No: xxx") as caught:
            _connect(server.url)
    assert caught.value.body == b"x" * MAX_HEAD_BYTES
    assert len(str(caught.value)) < 1000


def test_of_a_proxys_refusal_nothing_is_read_but_the_head():
    """Its body says nothing to a program."""
    with RawServer(_for_ever(b"HTTP/1.1 403 No\r\n\r\n", b"x" * 50_000)) as proxy:
        factory = WebSocketClientFactory(find_proxy=lambda url: f"http://localhost:{proxy.port}")
        transport = factory("ws://service.test", {}, timeout=SOON)
        with (
            memory_below(2_000_000),
            pytest.raises(HandshakeError, match="refused a tunnel.*403 No") as caught,
        ):
            transport.connect()
        transport.dispose()
    assert caught.value.body == b""
