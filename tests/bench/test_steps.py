"""The single steps of a message's way, timed by pytest-benchmark, with what is installed of `speed`."""

import itertools

import pytest
from websocket import ABNF

from genai_live import codec
from genai_live.runtime.mailbox import Mailbox
from genai_live.session import client_messages
from genai_live.transport.frames import MessageReader, frame_bytes
from genai_live.types import Blob, LiveServerMessage
from genai_live.waiting import Deadline
from tests.bench import messages
from tests.bench.clients.measuring import CHUNK, size_of

_MANY = 16
_FRAMES = {
    "100 ms of audio": (messages.audio(4800), 4800),
    "fragment": (messages.fragment(8), 8),
    "1 MB of audio": (messages.audio(749_400), 749_400),
}
_AUDIO = client_messages.realtime_input(audio=Blob(data=CHUNK, mime_type="audio/pcm;rate=16000"))


def _reader(frame):
    """Reads the same frame for ever, in pieces as large as TLS gives them."""
    pieces = itertools.cycle([frame * _MANY])
    unread = memoryview(b"")

    def receive(size):
        nonlocal unread
        unread = unread or memoryview(next(pieces))
        piece, unread = unread[: min(size, 16384)], unread[min(size, 16384) :]
        return bytes(piece)

    return MessageReader(receive)


@pytest.fixture(params=_FRAMES)
def frame(request):
    """A frame of the service, and the size of what is in it."""
    return _FRAMES[request.param]


def test_decoding(benchmark, frame):
    """A payload becomes a message with its audio as bytes."""
    data, size = frame
    payload = _reader(data).read()
    assert size_of(benchmark(codec.decode, payload, LiveServerMessage)) == size


def test_reading_a_frame(benchmark, frame):
    """The bytes of a connection become a payload, which is whole."""
    data, _ = frame
    payload = benchmark(_reader(data).read)
    assert data.endswith(payload)
    assert payload.startswith(b"{")


def test_checking_a_chunk(benchmark):
    """The arguments of a send become a message."""
    blob = _AUDIO.realtime_input.audio
    assert benchmark(lambda: client_messages.realtime_input(audio=blob)) == _AUDIO


def test_encoding_a_chunk(benchmark):
    """A message with audio becomes JSON."""
    assert len(benchmark(codec.encode, _AUDIO)) > len(CHUNK) * 4 / 3


def test_framing_a_chunk(benchmark):
    """A payload is masked and gets its header."""
    payload = codec.encode(_AUDIO)
    assert len(benchmark(frame_bytes, ABNF.OPCODE_TEXT, payload)) == len(payload) + 8


def test_handing_over(benchmark):
    """The reader puts a message into the inbox, and a consumer takes it; both are one thread here."""
    mailbox = Mailbox(lambda: None)
    deadline = Deadline(None)

    def hand_over():
        mailbox.put("message", 6500)
        return mailbox.get(deadline)

    assert benchmark(hand_over) == "message"
    assert len(mailbox) == 0
