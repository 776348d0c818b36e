"""A WebSocket connection that one thread reads and any thread writes.

The reader thread dials, reads, answers pings and closes; callers of ``send`` write in their own thread. While
the reader thread waits for a message, another thread may wait and read in its place.

Locks, in the order in which they may be taken:

1. the frame lock, held until a whole frame is out, taken with the writer's deadline;
2. the slot lock, for a moment, round the control frames that wait to be sent;
3. the stream's TLS lock, round each non-blocking call into OpenSSL.

The reader never waits for the frame lock: a pong or close frame goes into the slot, and whoever holds the
frame lock next sends it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from websocket import ABNF

from genai_live.errors import ConfigurationError, LiveError, LiveTimeout
from genai_live.redaction import without_credentials
from genai_live.transport.dial import connect_tcp
from genai_live.transport.exchange import Exchange
from genai_live.transport.frames import (
    ControlFrame,
    MessageReader,
    close_payload,
    frame_bytes,
    parse_close,
)
from genai_live.transport.interface import TransportClosed
from genai_live.transport.proxy import open_tunnel, parse_proxy
from genai_live.transport.stream import Stream
from genai_live.transport.tls import ContextOnce
from genai_live.transport.upgrade import upgrade
from genai_live.waiting import Deadline, Wakeup

_DISPOSE_SECONDS = 1.0

_MOST_AT_ONCE = 256 * 1024
"""Bytes that are read in one go by who stands in: its own work waits meanwhile."""

_CONTROL_FRAME_COUNTS = 1024
"""Bytes that a control frame counts for there: they are small, and may come without end."""


class _NothingYet(Exception):  # not an error: the rest of a frame is still on its way
    pass


class WebSocketTransport:
    """One connection to a ``ws://`` or ``wss://`` address. Made by WebSocketClientFactory."""

    def __init__(
        self,
        url: str,
        headers: Mapping[str, str],
        *,
        deadline: Deadline,
        context: ContextOnce,
        find_proxy: Callable[[str], str | None],
        max_message_bytes: int,
    ) -> None:
        self._url = url
        self._headers = headers
        self._deadline = deadline
        self._context = context
        self._find_proxy = find_proxy
        self._wakeup = Wakeup()
        self._woken = False
        self._stream: Stream | None = None
        self._upgraded = False
        self._ended: TransportClosed | None = None

        self.received_bytes = 0
        self._received = b""
        self._position = 0
        self._messages = MessageReader(self._take, max_message_bytes)
        self._paused = False
        self._trouble: TransportClosed | LiveError | None = None  # of who stood in

        self._frame_lock = threading.Lock()
        self._slot_lock = threading.Lock()
        self._slot: dict[int, bytes] = {}  # at most one ping, one pong, the newest, and one close
        self._unsent_control = b""
        self._closing = False
        self._writer_blocked = False

    # -- the dial, in the reader thread ----------------------------------------------------------------

    def connect(self) -> None:
        """Dials, goes through a proxy if there is one, shakes TLS hands, and upgrades.

        Raises:
            HandshakeError: One of these failed.
            LiveTimeout: The time was up.
            TransportClosed: ``abort`` was called.
            ConfigurationError: The address, a proxy or a certificate setting cannot be used.
        """
        try:
            self._dial()
        except LiveError as error:
            if self._wakeup.interrupted:
                raise TransportClosed(1006, "aborted while connecting") from error
            raise

    def _dial(self) -> None:
        parts = urlsplit(self._url)
        if parts.scheme not in ("ws", "wss") or not parts.hostname:
            raise ConfigurationError(
                f"expected a ws:// or wss:// address, got {parts.scheme}://{parts.netloc}"
            )
        secure = parts.scheme == "wss"
        host, port = parts.hostname, parts.port or (443 if secure else 80)
        proxy_url = self._find_proxy(("https" if secure else "http") + self._url[len(parts.scheme) :])
        proxy = parse_proxy(proxy_url) if proxy_url else None

        sock = connect_tcp(
            *((proxy.host, proxy.port) if proxy else (host, port)), self._deadline, self._wakeup
        )
        stream = self._stream = Stream(sock, self._wakeup)
        if proxy:
            open_tunnel(self._exchange(stream, f"opening a tunnel through {proxy}"), proxy, host, port)
        if secure:
            stream.start_tls(self._context.get(), host, self._deadline)
        upgrading = self._exchange(stream, f"the upgrade by {host}:{port}")
        self._received = upgrade(upgrading, self._url, self._headers)
        self._upgraded = True

    def _exchange(self, stream: Stream, what: str) -> Exchange:
        return Exchange(stream, self._deadline, self._wakeup, what)

    # -- reading, in the reader thread -----------------------------------------------------------------

    def receive(
        self,
        timeout: float | None = None,
        *,
        paused: bool = False,
        before_waiting: Callable[[], None] | None = None,
        handle: Callable[[bytes | str], bool] | None = None,
    ) -> bytes | str | None:
        """See Transport."""
        stream = self._open_stream()
        if self._trouble is not None:
            trouble, self._trouble = self._trouble, None
            try:
                raise trouble
            finally:
                del trouble  # its traceback holds this frame
        deadline = Deadline(timeout)
        self._paused = paused
        while True:
            if self._woken:
                self._woken = False
                self._wakeup.clear()
                return None
            reading = not paused or self._writer_blocked
            if reading and (message := self._next_message(deadline)) is not None:
                if handle is None:
                    return message
                if handle(message):
                    continue
                return None
            flushed = self._flush()
            if deadline.expired:
                return None
            if before_waiting is not None:
                before_waiting()
            stream.wait_as_reader(deadline, reading=reading, writing=not flushed)

    # -- reading, in a thread that stands in for the reader thread -------------------------------------

    def stand_in(
        self,
        handle: Callable[[bytes | str], bool],
        timeout: float | None = None,
        *,
        unless: Callable[[], bool],
    ) -> bool:
        """See Transport."""
        stream = self._stream
        if stream is None or not self._upgraded or not stream.stand_in():
            return False
        bytes_before, dry = self.received_bytes, False
        try:
            # The last look: from here on the reader thread does not clear the wake-up.
            if unless() or not stream.wait_as_stand_in(Deadline(timeout)):
                dry = True  # or the reader thread is awake already
            else:
                dry = self._read_until_dry(stream, handle)
        finally:
            stream.stand_down()
            if not dry:
                self.wake()
        return self.received_bytes != bytes_before

    def _read_until_dry(self, stream: Stream, handle: Callable[[bytes | str], bool]) -> bool:
        """Returns False where the reader thread has to go on."""
        size = 0
        try:
            while size < _MOST_AT_ONCE and not self._woken:
                item = self._messages.read()
                if isinstance(item, ControlFrame):
                    size += _CONTROL_FRAME_COUNTS
                    self._on_control(item)
                    continue
                size += len(item)
                if not handle(item):
                    break
                if self._position >= len(self._received) and stream.is_dry():  # sooner than by an exception
                    return self._flush()
        except _NothingYet:
            return self._flush()
        except (TransportClosed, LiveError) as error:
            self._trouble = error
        except BaseException as error:
            self._trouble = LiveError(f"the thread that read was interrupted, perhaps half way: {error!r}")
            self._trouble.__cause__ = error
            raise
        return False

    def _open_stream(self) -> Stream:
        if self._ended is not None:
            raise TransportClosed(self._ended.code, self._ended.reason) from self._ended
        if self._stream is None:
            raise TransportClosed(1006, "not connected")
        return self._stream

    def _next_message(self, deadline: Deadline) -> bytes | str | None:
        try:
            while isinstance(item := self._messages.read(), ControlFrame):
                self._on_control(item)
                if self._woken or deadline.expired:
                    return None
            return item
        except _NothingYet:
            return None
        except TransportClosed as error:
            # Not the error itself: its traceback holds this connection, and the two would hold each other.
            self._ended = TransportClosed(error.code, error.reason)
            raise

    def _take(self, size: int) -> bytes:
        if self._position >= len(self._received):
            self._received, self._position = self._read_stream(), 0
        data = self._received[self._position : self._position + size]
        self._position += len(data)
        return data

    def _read_stream(self) -> bytes:
        try:
            data = self._open_stream().read()
        except OSError as error:
            raise TransportClosed(1006, f"the connection broke: {error}") from error
        if data is None:
            raise _NothingYet
        if not data:
            reason = "aborted" if self._wakeup.interrupted else "the connection ended without a close frame"
            raise TransportClosed(1006, reason)
        self.received_bytes += len(data)
        return data

    def _on_control(self, frame: ControlFrame) -> None:
        if frame.opcode == ABNF.OPCODE_PING:
            self._put_in_slot(ABNF.OPCODE_PONG, frame.payload)
            self._flush()
        elif frame.opcode == ABNF.OPCODE_CLOSE:
            code, reason = parse_close(frame.payload)
            # "Consumer 'api_key:…' has been suspended": the service repeats a key.
            reason = without_credentials(reason, self._headers, self._url)
            self._queue_close(frame.payload[:2])
            raise TransportClosed(code, reason)

    # -- writing, in any thread ------------------------------------------------------------------------

    def send(self, payload: bytes, timeout: float | None = None) -> None:
        """See Transport."""
        frame = frame_bytes(ABNF.OPCODE_TEXT, payload)
        deadline = Deadline(timeout)
        lock = self._frame_lock
        if not lock.acquire(blocking=False) and not lock.acquire(timeout=deadline.for_lock()):
            raise LiveTimeout("another message was still being written at the deadline; nothing was sent")
        try:
            stream = self._open_stream()
            if self._closing or self._wakeup.interrupted:
                raise TransportClosed(1006, "the connection is closing")
            self._write(stream, frame, deadline)
        finally:
            self._frame_lock.release()
        if self._slot and not self._flush():
            self._wakeup.set()

    def _write(self, stream: Stream, frame: bytes, deadline: Deadline) -> None:
        control = self._take_control() if self._slot or self._unsent_control else b""
        data = memoryview(control + frame if control else frame)
        sent, begun = 0, False
        try:
            while sent < len(data):
                begun = True  # until the count is known: Ctrl-C may come between the write and it
                written = stream.write(data[sent:])
                sent += written
                begun = sent > len(control) or (stream.is_tls and not written)
                if not written:
                    self._wait_to_write(stream, deadline)
        except ConnectionError as error:
            # The reader finds the same, and perhaps the close frame that explains it.
            raise TransportClosed(1006, f"the connection broke: {error}") from error
        except BaseException as error:
            if begun:
                self.abort()  # half a frame is out: nothing sensible can follow it
            else:
                self._unsent_control = control[sent:]
            if isinstance(error, OSError) and not isinstance(error, LiveTimeout):
                raise TransportClosed(1006, f"the connection broke: {error}") from error
            raise

    def _wait_to_write(self, stream: Stream, deadline: Deadline) -> None:
        self._writer_blocked = True
        if self._paused:
            self._wakeup.set()  # the peer may wait for us to read before it reads on
        try:
            if deadline.expired:
                raise LiveTimeout("the server did not take the message before the deadline")
            stream.wait_as_writer(deadline)
            if self._wakeup.interrupted:
                raise TransportClosed(1006, "the connection is closing")
        finally:
            self._writer_blocked = False

    def close(self, code: int, reason: str) -> None:
        """See Transport."""
        self._queue_close(close_payload(code, reason))

    def ping(self) -> None:
        """See Transport."""
        if not self._closing:
            self._put_in_slot(ABNF.OPCODE_PING, b"")
            self._flush()

    def _queue_close(self, payload: bytes) -> None:
        with self._slot_lock:
            if self._closing:
                return
            self._closing = True
        self._put_in_slot(ABNF.OPCODE_CLOSE, payload)
        if self._stream is not None and not self._flush():
            self._wakeup.set()

    def _put_in_slot(self, opcode: int, payload: bytes) -> None:
        with self._slot_lock:
            self._slot[opcode] = frame_bytes(opcode, payload)

    def _take_control(self) -> bytes:
        """The control frames to send now, or the rest of such. The caller holds the frame lock.

        The slot is left alone while a rest waits: a peer that pings and reads nothing would have it grow.
        """
        if self._unsent_control:
            control, self._unsent_control = self._unsent_control, b""
            return control
        with self._slot_lock:
            waiting = [
                self._slot.pop(opcode)
                for opcode in (ABNF.OPCODE_PING, ABNF.OPCODE_PONG, ABNF.OPCODE_CLOSE)
                if opcode in self._slot
            ]
        return b"".join(waiting)

    def _flush(self) -> bool:
        """Sends waiting control frames as far as they go at once.

        Returns:
            False if some are left and it is time to wait for room; True also while a writer has the frame
            lock, as it flushes when it is done.
        """
        if not (self._slot or self._unsent_control) or not self._frame_lock.acquire(blocking=False):
            return True
        try:
            while data := self._take_control():
                while data and (written := self._open_stream().write(data)):
                    data = data[written:]
                self._unsent_control = data
                if data:
                    break
        except (OSError, TransportClosed):
            self._unsent_control = b""  # reading finds out what happened, and says it better
        finally:
            self._frame_lock.release()
        return not self._unsent_control

    # -- ending, in any thread but dispose ---------------------------------------------------------------

    def wake(self) -> None:
        """See Transport."""
        self._woken = True
        self._wakeup.set()

    def abort(self) -> None:
        """See Transport."""
        self._wakeup.interrupt()
        if self._stream is not None:
            self._stream.shutdown()

    def dispose(self) -> None:
        """See Transport."""
        self.abort()
        left = self._frame_lock.acquire(timeout=_DISPOSE_SECONDS)
        try:
            if self._stream is not None:
                self._stream.close()
            self._wakeup.close()
            # The old one holds this connection and what was read: only the garbage collector would free both.
            self._messages, self._trouble = MessageReader(_nothing_more), None
        finally:
            if left:
                self._frame_lock.release()

    def abandon_after_fork(self) -> None:
        """See Transport."""
        if self._stream is not None:
            self._stream.abandon_after_fork()


def _nothing_more(size: int) -> bytes:  # noqa: ARG001
    """What a connection receives that was disposed of."""
    raise TransportClosed(1006, "the connection is closed")
