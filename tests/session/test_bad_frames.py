"""A server that sends what is no message: an error for the reader, after everything that was good."""

import pytest

from genai_live import ProtocolError
from tests.raw_server import BINARY, CLOSE, TEXT, frame
from tests.service import accept_setup, answer_close, conversing, read_message, service, text
from tests.timing import SOON

BAD = [
    (frame(TEXT, b"{not json " + b"x" * 500), r"\{not json x{180}"),
    (frame(BINARY, b'{"a": "\xff\xfe"}'), "UTF-8|utf-8"),
    (frame(TEXT, b"\xff\xfe"), "UTF-8"),
    (frame(BINARY, b"[]"), r"\[\]"),
    (frame(BINARY, b"5"), "5"),
    (frame(BINARY, b'{"a": NaN}'), "NaN"),
    (frame(BINARY, b'{"a":' * 100_000), "JSON"),
    (frame(BINARY, b'{"a":' * 5_000 + b"1" + b"}" * 5_000), "depth|nest"),
    (frame(BINARY, b'{"serverContent": {"modelTurn": 5}}'), "serverContent.modelTurn"),
    (frame(BINARY, b"x")[:1] + b"\x7f" + (1 << 62).to_bytes(8, "big"), "declares"),
]


@pytest.mark.parametrize(("bad", "complaint"), BAD)
def test_a_bad_frame_is_a_protocol_error_after_the_good_ones(bad, complaint):
    """The reader gets what came before, then a ProtocolError that says what was wrong."""
    codes = []

    def handle(peer):
        read_message(peer)
        peer.send(text("good") + bad)
        while (received := peer.read_frame()).opcode != CLOSE:
            pass
        codes.append(int.from_bytes(received.payload[:2], "big"))

    with conversing(handle) as session:
        session.send_client_content(turns="x")
        reading = session.receive(timeout=SOON)
        assert next(reading).text == "good"
        for _ in range(2):
            with pytest.raises(ProtocolError, match=complaint) as caught:
                next(reading)
            assert len(str(caught.value)) < 1000
        with pytest.raises(ProtocolError):
            session.send_client_content(turns="y")
    assert codes == [1002]


@pytest.mark.parametrize(("bad", "complaint"), BAD[:2])
def test_a_bad_frame_in_place_of_the_setups_answer_fails_connect(bad, complaint):
    """connect() raises the ProtocolError."""

    def handle(peer):
        peer.upgrade()
        read_message(peer)
        peer.send(bad)
        peer.read_until_closed()

    with service(handle) as client, pytest.raises(ProtocolError, match=complaint):
        client.live.connect(model="m", timeout=SOON)


def test_another_message_in_place_of_setup_complete_fails_connect():
    """A message before setupComplete is out of order; it is neither eaten nor taken for the answer."""

    def handle(peer):
        peer.upgrade()
        read_message(peer)
        peer.send(text("too early"))
        peer.read_until_closed()

    with service(handle) as client, pytest.raises(ProtocolError, match="expected setupComplete.*too early"):
        client.live.connect(model="m", timeout=SOON)


def test_a_refused_session_leaves_the_client_usable():
    """After a failed connect the next one works."""
    attempts = []

    def handle(peer):
        attempts.append(peer)
        if len(attempts) == 1:
            peer.upgrade()
            peer.send(frame(TEXT, b"?"))
            peer.read_until_closed()
        else:
            accept_setup(peer)
            answer_close(peer)

    with service(handle) as client:
        with pytest.raises(ProtocolError):
            client.live.connect(model="m", timeout=SOON)
        client.live.connect(model="m", timeout=SOON).close(timeout=SOON)
