"""Whatever bytes come, cut up in whatever way: they are messages, or a ProtocolError; in bounded memory."""

import struct
import tracemalloc
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from genai_live.errors import ProtocolError
from genai_live.transport.frames import ControlFrame, MessageReader, parse_close
from tests.fuzz.damaged_bytes import damaged
from tests.raw_server import BINARY, CLOSE, PING, PONG, TEXT, frame

MANY = settings(max_examples=400, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
LIMIT = 1000


class Dry(Exception):
    """Nothing more has come."""


class Wire:
    """Bytes that come in pieces.

    Args:
        data: All of them.
        cuts: The sizes of the pieces, over and over; a 0 is a moment in which nothing has come yet.

    Attributes:
        most: The largest number of bytes that was ever asked for.
    """

    def __init__(self, data: bytes, cuts: Sequence[int]) -> None:
        self._data = memoryview(data)
        self._cuts = cuts
        self._next = 0
        self.most = 0

    @property
    def is_dry(self) -> bool:
        """Whether all has been read."""
        return not self._data

    def receive(self, size: int) -> bytes:
        """As a socket does."""
        assert size > 0
        self.most = max(self.most, size)
        if self.is_dry:
            raise Dry
        cut = self._cuts[self._next % len(self._cuts)]
        self._next += 1
        if cut == 0:
            raise Dry
        piece, self._data = self._data[: min(cut, size)], self._data[min(cut, size) :]
        return bytes(piece)


def outcomes(data: bytes, cuts: Sequence[int]) -> list[Any]:
    """Everything that comes of the bytes, up to what is refused."""
    wire = Wire(data, cuts)
    reader = MessageReader(wire.receive, LIMIT)
    came: list[Any] = []
    while True:
        try:
            item = reader.read()
        except Dry:
            if wire.is_dry:
                break
            continue
        except ProtocolError as error:
            return [*came, (ProtocolError, str(error))]
        if isinstance(item, ControlFrame):
            came.append((item.opcode, parse_close(item.payload) if item.opcode == CLOSE else item.payload))
        else:
            assert len(item if isinstance(item, bytes) else item.encode()) <= LIMIT
            came.append(item)
    assert wire.most <= max(LIMIT, 8)
    return came


cuts = st.lists(st.integers(0, 40), min_size=1, max_size=20).filter(any)


@st.composite
def lengths(draw: st.DrawFn) -> bytes:
    """A frame whose length is written in any of the three forms, and may be a lie."""
    size = draw(
        st.sampled_from([0, 1, 125, 126, 300, LIMIT, LIMIT + 1, 2**16 - 1, 2**16, 2**31, 2**63, 2**64 - 1])
    )
    forms = [b"\x7f" + struct.pack("!Q", size)]
    if size < 2**16:
        forms.append(b"\x7e" + struct.pack("!H", size))
    if size < 126:
        forms.append(bytes([size]))
    first = draw(st.sampled_from([0x81, 0x82, 0x01, 0x02, 0x80, 0x00, 0x88, 0x89, 0x8A]))
    return bytes([first]) + draw(st.sampled_from(forms)) + draw(st.binary(max_size=200))


OPCODES = [0, 0, TEXT, TEXT, BINARY, BINARY, CLOSE, PING, PONG, 3, 11]
"""Those of RFC 6455, and two that it keeps for later."""

payloads = st.binary(max_size=130) | st.text(max_size=20).map(str.encode)
closes = st.sampled_from([b"", b"\x03\xe8reason", b"\x03"])
parts = st.sampled_from(OPCODES).flatmap(
    lambda opcode: st.tuples(
        st.just(opcode), closes if opcode == CLOSE else payloads, st.sampled_from([True, True, False])
    )
)
"""Of a frame: its opcode, its payload, and whether it is the last of its message."""


def joined(frames: list[tuple[int, bytes, bool]]) -> bytes:
    """They follow each other."""
    return b"".join(frame(opcode, payload, fin=fin) for opcode, payload, fin in frames)


streams = st.lists(st.lists(parts, max_size=3).map(joined) | lengths(), max_size=4).map(b"".join)


def expected(frames: list[tuple[int, bytes, bool]]) -> list[Any]:
    """What RFC 6455 makes of frames, up to the first that breaks a rule."""
    came: list[Any] = []
    message: tuple[int, bytes] | None = None
    for opcode, payload, fin in frames:
        if opcode in (PING, PONG, CLOSE):
            if not fin or len(payload) > 125 or (opcode == CLOSE and len(payload) == 1):
                return [*came, ProtocolError]
            came.append((opcode, parse_close(payload) if opcode == CLOSE else payload))
            continue
        if opcode not in (0, TEXT, BINARY) or (opcode == 0) == (message is None):
            return [*came, ProtocolError]
        kind, before = message or (opcode, b"")
        message = None if fin else (kind, before + payload)
        if len(before + payload) > LIMIT:
            return [*came, ProtocolError]
        if fin and kind == TEXT:
            try:
                came.append((before + payload).decode())
            except UnicodeDecodeError:
                return [*came, ProtocolError]
        elif fin:
            came.append(before + payload)
    return came


@MANY
@given(st.lists(parts, max_size=12), cuts)
def test_frames_by_the_rules(frames: list[tuple[int, bytes, bool]], cuts: list[int]) -> None:
    """Those that keep to them are joined to messages; the first that does not is the last that is read."""
    came = outcomes(joined(frames), cuts)
    if came and isinstance(came[-1], tuple) and came[-1][0] is ProtocolError:
        came[-1] = ProtocolError
    assert came == expected(frames)


@MANY
@given(st.binary(max_size=400) | damaged(streams), cuts)
def test_anything(data: bytes, cuts: list[int]) -> None:
    """It does not matter in which pieces it comes, nor how often nothing has come yet."""
    whole = outcomes(data, [len(data) + 1])
    assert outcomes(data, cuts) == whole
    assert outcomes(data, [1]) == whole


@MANY
@given(st.data(), cuts)
def test_what_is_sent_in_fragments_comes_whole(data: st.DataObject, cuts: list[int]) -> None:
    """Messages of either kind, with pings in between, come as they were."""
    expected: list[Any] = []
    stream = b""
    for _ in range(data.draw(st.integers(1, 4))):
        message = data.draw(st.binary(max_size=300) | st.text(max_size=80))
        payload = message if isinstance(message, bytes) else message.encode()
        opcode = BINARY if isinstance(message, bytes) else TEXT
        places = sorted(data.draw(st.lists(st.integers(0, len(payload)), max_size=4)))
        pieces = [
            payload[start:stop] for start, stop in zip([0, *places], [*places, len(payload)], strict=True)
        ]
        for index, piece in enumerate(pieces):
            stream += frame(0 if index else opcode, piece, fin=index == len(pieces) - 1)
            if index < len(pieces) - 1 and data.draw(st.booleans()):
                stream += frame(PING, b"now")
                expected.append((PING, b"now"))
        expected.append(message)
    assert outcomes(stream, cuts) == expected


@MANY
@given(st.integers(1, 300), st.sampled_from([TEXT, BINARY]), st.lists(parts, max_size=2).map(joined))
def test_fragments_without_end_are_refused(size: int, opcode: int, before: bytes) -> None:
    """As soon as they are over the bound: no more is read than that."""
    fragment = frame(0, b"x" * size, fin=False)
    most = len(before) + (LIMIT // size + 3) * (len(fragment) + 2)
    taken = 0
    stream = before + frame(opcode, fin=False)

    def receive(size: int) -> bytes:
        nonlocal taken, stream
        while len(stream) < size:
            stream += fragment
        piece, stream = stream[:size], stream[size:]
        taken += len(piece)
        assert taken <= most
        return piece

    reader = MessageReader(receive, LIMIT)
    with pytest.raises(ProtocolError):
        while True:
            reader.read()


@pytest.mark.parametrize("fragments", [True, False], ids=["tiny fragments", "a byte at a time"])
def test_memory_is_that_of_the_message(fragments: bool) -> None:
    """Not of the pieces in which it comes, each of which is an object of its own."""
    limit = 200_000
    if fragments:
        data = frame(BINARY, fin=False) + frame(0, b"x", fin=False) * limit
    else:
        data = frame(BINARY, b"x" * limit)
    receive: Callable[[int], bytes] = Wire(data, [1]).receive
    reader = MessageReader(receive, limit)
    tracemalloc.start()
    try:
        with pytest.raises(Dry):
            while True:
                assert len(reader.read()) == limit
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4 * limit
