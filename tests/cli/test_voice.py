"""Sending a recording as it would be spoken."""

import threading
import time

import pytest

from genai_live import ConnectionClosedOK
from genai_live.cli.recording import open_recording
from genai_live.cli.voice import PacedSending
from tests.cli.sound import speech, write_wav
from tests.timing import SOON, eventually


class _Session:
    """Takes what is sent, and notes when; each call takes some time, or lasts until the session is closed."""

    def __init__(self, seconds=0.0):
        self.sent = []
        self.times = []
        self._seconds = seconds
        self._closed = threading.Event()

    def send_realtime_input(self, **message):
        del message["timeout"]
        self.sent.append(message)
        self.times.append(time.monotonic())
        if self._closed.wait(self._seconds):
            raise ConnectionClosedOK("closed", code=1000, reason="", phase="open")

    def close(self):
        self._closed.set()


@pytest.fixture
def recording(tmp_path):
    """Half a second of speech."""
    with open_recording(write_wav(tmp_path / "question.wav", speech(0.5))) as recording:
        yield recording


def test_it_is_sent_in_real_time(recording):
    """Each 100 ms go out when a microphone would have them, then the end of the stream; it can be watched."""
    session = _Session()
    start = time.monotonic()
    with PacedSending(session, recording, timeout=SOON) as sending:
        eventually(lambda: 0 < sending.seconds < 0.5)
        eventually(lambda: sending.ended_at is not None)
        sending.raise_error()
    sound = speech(0.5)
    audio = [message["audio"] for message in session.sent[:-1]]
    assert [blob.data for blob in audio] == [sound[i : i + 3200] for i in range(0, 16_000, 3200)]
    assert {blob.mime_type for blob in audio} == {"audio/pcm;rate=16000"}
    assert session.sent[-1] == {"audio_stream_end": True}
    assert all(at - start >= i * 0.1 for i, at in enumerate(session.times[:-1], 1))
    assert sending.seconds == recording.seconds


def test_delays_do_not_add_up(tmp_path):
    """Where sending takes a while, the next chunk is due no later for that."""
    start = time.monotonic()
    with (
        open_recording(write_wav(tmp_path / "question.wav", speech(1.5))) as recording,
        PacedSending(_Session(seconds=0.09), recording, timeout=SOON) as sending,
    ):
        eventually(lambda: sending.ended_at is not None)
    assert sending.ended_at - start < 2.4, "15 times 0.1 s, and 16 times 0.09 s besides, would be 2.9 s"


@pytest.mark.parametrize("seconds", [0, 100], ids=["between two chunks", "while it writes"])
def test_it_can_be_stopped(recording, seconds):
    """When an error or Ctrl-C ends the conversation, the thread ends at once."""
    session = _Session(seconds)
    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        with PacedSending(session, recording, timeout=SOON):
            eventually(lambda: session.sent)
            raise KeyboardInterrupt
    assert time.monotonic() - start < SOON
    assert "genai-live sending" not in {thread.name for thread in threading.enumerate()}
    assert len(session.sent) < 5


def test_what_goes_wrong_is_raised_by_who_asks(recording):
    """The error reaches the thread that can tell it."""
    session = _Session()
    session.close()
    with PacedSending(session, recording, timeout=SOON) as sending:
        with pytest.raises(ConnectionClosedOK):
            while True:
                sending.raise_error()
    assert sending.ended_at is None
