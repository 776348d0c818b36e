"""Sends a recording as it would be spoken, in a thread that the main thread starts and ends."""

from __future__ import annotations

import threading
import time
from types import TracebackType

from genai_live.cli.recording import Recording
from genai_live.session import Session
from genai_live.types import Blob


class PacedSending:
    """Sends a recording in real time, while others read. A context manager.

    Each chunk goes out when a microphone would have it, by the time since the start, so that delays do not
    add up; then comes ``audio_stream_end``. Leaving the context ends it.

    Args:
        session: Where to.
        recording: What; nobody else may read it.
        timeout: Seconds until a chunk must be written.

    Attributes:
        seconds: How much has been sent.
        ended_at: When everything was sent, by ``time.monotonic``; None while it was not.
    """

    def __init__(self, session: Session, recording: Recording, *, timeout: float) -> None:
        self._session = session
        self._recording = recording
        self._timeout = timeout
        self.seconds = 0.0
        self.ended_at: float | None = None
        self._error: BaseException | None = None
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="genai-live sending", daemon=True)

    def raise_error(self) -> None:
        """Raise what has kept the recording from being sent, if anything has."""
        if self._error is not None:
            raise self._error

    def __enter__(self) -> PacedSending:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stopped.set()
        if kind is not None:
            # A write to a server that does not read ends no sooner.
            self._session.close()
        self._thread.join()

    def _run(self) -> None:
        try:
            self._send()
        except BaseException as error:  # raised where it can be told
            self._error = error

    def _send(self) -> None:
        start = time.monotonic()
        samples = 0
        for chunk in self._recording.chunks():
            samples += len(chunk) // 2
            spoken = samples / self._recording.rate
            if self._stopped.wait(max(0.0, start + spoken - time.monotonic())):
                return
            audio = Blob(data=chunk, mime_type=self._recording.mime_type)
            self._session.send_realtime_input(audio=audio, timeout=self._timeout)
            self.seconds = spoken
        self._session.send_realtime_input(audio_stream_end=True, timeout=self._timeout)
        self.ended_at = time.monotonic()
