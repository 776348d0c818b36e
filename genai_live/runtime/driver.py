"""Drives one session: owns its reader thread, its inbox and its callbacks' strand.

The reader thread connects, reads, decodes, asks the protocol what to do, and ends the session; its
``finally`` is the only way into CLOSED. Senders write in their own threads, receivers take from the inbox in
theirs.

One lock guards the protocol's state. It is held for moments, never while calling a callback, a logging
handler, the transport or another thread, so its place in the order of locks does not matter.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from typing import Any, Generic, NoReturn

from genai_live import codec, forking
from genai_live.errors import (
    APIError,
    ConnectionClosedError,
    ConnectionClosedOK,
    LiveError,
    LiveTimeout,
    ProtocolError,
    ReceiveBufferFull,
    StateError,
)
from genai_live.protocol import (
    Action,
    ClientMessage,
    Connection,
    Deliver,
    Ended,
    Ending,
    Message,
    Opened,
    SendClose,
    SendMessage,
    State,
    TurnTracker,
)
from genai_live.runtime.callbacks import CallbackDispatcher, Callbacks
from genai_live.runtime.dial import Dial
from genai_live.runtime.frame_log import LOGGER, log_frame
from genai_live.runtime.mailbox import Mailbox
from genai_live.runtime.pool import WorkerPool
from genai_live.runtime.statistics import Counters, SessionStats
from genai_live.transport import Transport, TransportClosed
from genai_live.waiting import Deadline, Wakeup

_CLOSE_SECONDS = 5.0
_GRACE_SECONDS = 0.1


class Driver(Generic[Message]):
    """One session's machinery, without its face: holds no strong reference to that.

    Args:
        dial: Makes the connection.
        setup: The first message.
        messages_are: The class of what the server sends.
        turns: Follows the turns in it.
        pool: Where callbacks run.
        callbacks: The user's, or None.
        on_end: Called once by the reader thread when everything of the session is gone.
    """

    def __init__(
        self,
        *,
        dial: Dial,
        setup: ClientMessage,
        messages_are: type[Message],
        turns: TurnTracker[Message],
        pool: WorkerPool,
        callbacks: Callbacks[Any, Message] | None,
        on_end: Callable[[Driver[Any]], None],
    ) -> None:
        self._dial = dial
        self._on_end = on_end
        self._connection: Connection[Message] = Connection(setup)
        self._messages_are = messages_are
        self._turns = turns
        self._counters = Counters()
        self._transport: Transport | None = None
        self._deadline = Deadline(None)
        self._close_deadline: Deadline | None = None
        self._opened = False
        self._abandoned = False
        self._wakeup: Wakeup | None = None
        self._inbox: Mailbox[Message | APIError] = Mailbox(self._wake_transport)
        self.callbacks = CallbackDispatcher(callbacks, pool, self._wake_transport) if callbacks else None
        self._thread: threading.Thread | None = None
        self._reset_locks()
        forking.register(self)

    def _reset_locks(self) -> None:
        self._lock = threading.Lock()
        self._counters.reset_lock()
        self._settled = threading.Event()
        self._gone = threading.Event()

    def attach(self, session: object) -> None:
        """The session's face, held weakly: for the callbacks."""
        if self.callbacks is not None:
            self.callbacks.session = weakref.ref(session)

    # -- what the session shows; any thread --------------------------------------------------------------

    @property
    def state(self) -> State:
        """What the session is doing."""
        return self._connection.state

    @property
    def _closing(self) -> bool:
        return self.state is State.CLOSING

    @property
    def transport(self) -> Transport | None:
        """The connection, while there is one."""
        return self._transport

    @property
    def connection(self) -> Connection[Message]:
        """For reading only."""
        return self._connection

    @property
    def pushes(self) -> bool:
        """Whether messages go to a callback instead of the inbox."""
        return self.callbacks is not None and self.callbacks.takes_messages

    def stats(self) -> SessionStats:
        """A snapshot of the counters."""
        return self._counters.snapshot(self._mailbox)

    @property
    def _mailbox(self) -> Mailbox[Any]:
        return self.callbacks.mailbox if self.callbacks and self.pushes else self._inbox

    # -- connecting; the caller of Live.connect ----------------------------------------------------------

    def open(self, deadline: Deadline, name: str) -> None:
        """Starts the reader thread and waits until the setup is complete.

        Raises:
            LiveError: What kept it from that; everything has been cleaned up then.
        """
        self._deadline = deadline
        self._name = name
        try:
            self._start()
            remaining = deadline.remaining()
            settled = self._settled.wait(None if remaining is None else remaining + _GRACE_SECONDS)
        except BaseException:
            self.close(1000, "", timeout=_CLOSE_SECONDS)
            raise
        if not settled:
            # Only a factory of the user's that forgets its timeout can hold the reader up.
            self.close(1000, "", timeout=0)
            raise LiveTimeout(f"connecting to {self._dial.shown_url} took too long")
        if not self._opened:
            self._join(_CLOSE_SECONDS)
            self.raise_ending()

    def _start(self) -> None:
        thread = self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
        try:
            thread.start()
        except RuntimeError as error:
            self._thread = None
            failure = LiveError(f"no reader thread can be started: {error}")
            self._finish(self._fail(failure))
            raise failure from error

    # -- the reader thread -------------------------------------------------------------------------------

    def _run(self) -> None:
        actions: list[Action[Message]] = []
        try:
            transport = self._connect()
            while True:
                self._step(transport)
        except TransportClosed as closed:
            with self._lock:
                actions = self._connection.disconnected(closed.code, closed.reason, closed)
        except LiveError as error:
            actions = self._fail(error)
        except BaseException as error:
            failure = LiveError(f"the reader thread of the session failed: {error!r}")
            failure.__cause__ = error
            actions = self._fail(failure)
        finally:
            self._finish(actions)

    def _connect(self) -> Transport:
        wakeup = self._wakeup = Wakeup()
        with self._lock:
            if self._closing:
                raise TransportClosed(1006, "closed before it was connected")
            self._connection.connect()
        LOGGER.debug("connecting to %s", self._dial.shown_url)
        transport = self._dial.make_transport(self._deadline, wakeup)
        with self._lock:
            self._transport = transport
            closing = self._closing
        if closing:
            raise TransportClosed(1006, "closed before it was connected")
        transport.connect()
        LOGGER.debug("connected to %s", self._dial.shown_url)
        with self._lock:
            actions = self._connection.upgraded()
        self._perform(actions, transport)
        return transport

    def _step(self, transport: Transport) -> None:
        """Handles one message, or one wake-up."""
        payload = transport.receive(self._patience(), paused=self._mailbox.full and not self._closing)
        if self._closing:
            if self._close_deadline is None or self._close_deadline.expired:
                raise TransportClosed(1006, "the server did not answer the close in time")
        elif payload is not None:
            self._handle(payload, transport)
        elif self._abandoned:
            self.begin_close(1000, "", _CLOSE_SECONDS)
        elif self.state is State.SETTING_UP and self._deadline.expired:
            raise LiveTimeout("setupComplete did not come before the deadline")

    def _patience(self) -> float | None:
        if self._close_deadline is not None:
            return self._close_deadline.remaining()
        return self._deadline.remaining() if self.state is State.SETTING_UP else None

    def _handle(self, payload: bytes | str, transport: Transport) -> None:
        log_frame("<", payload)
        message = codec.decode(payload, self._messages_are)
        self._counters.received(len(payload))
        with self._lock:
            actions = self._connection.received(message)
        self._perform(actions, transport, len(payload))

    def _perform(self, actions: list[Action[Message]], transport: Transport, size: int = 0) -> None:
        for action in actions:
            match action:
                case Deliver(item):
                    self._deliver(item, size)
                case SendMessage(message):
                    payload = codec.encode(message)
                    log_frame(">", payload)
                    transport.send(payload, self._deadline.remaining())
                    self._counters.sent(len(payload))
                case SendClose(code, reason):
                    transport.close(code, reason)
                case Opened():
                    self._opened = True
                    self._settled.set()
                    if self.callbacks:
                        self.callbacks.opened()

    def _deliver(self, item: Message | APIError, size: int) -> None:
        if self.callbacks and self.pushes:
            if isinstance(item, APIError):
                self.callbacks.error(item)
            else:
                self.callbacks.message(item, size)
            return
        if not isinstance(item, APIError):
            with self._lock:
                self._turns.came(item)
        self._inbox.put(item, size)

    def _fail(self, error: LiveError) -> list[Action[Message]]:
        code = {ProtocolError: 1002, ReceiveBufferFull: 1008}.get(type(error), 1000)
        with self._lock:
            actions = self._connection.fail(error, code)
        if self._transport is not None:
            self._perform(actions, self._transport)
        with self._lock:
            return self._connection.failed(error)

    def _finish(self, actions: list[Action[Message]]) -> None:
        """The one end of every session: frees everything, then tells everybody."""
        try:
            if self._transport is not None:
                self._transport.dispose()
        finally:
            self._transport = None
            if self._wakeup is not None:
                self._wakeup.close()
            self._inbox.end()
            for action in actions:
                if isinstance(action, Ended):
                    LOGGER.debug("closed: %s %s", action.ending.code, action.ending.reason)
                    if self._opened and self.callbacks:
                        self._tell(action.ending, self.callbacks)
            self._on_end(self)
            self._gone.set()
            self._settled.set()

    def _tell(self, ending: Ending, callbacks: CallbackDispatcher) -> None:
        if not ending.in_order:
            callbacks.error(ending.error.fresh())
        callbacks.closed(ending.code, ending.reason)

    # -- sending; any thread -----------------------------------------------------------------------------

    def send(self, payload: bytes, timeout: float | None, *, asks: bool = False) -> None:
        """Writes one encoded message in the caller's thread.

        Args:
            payload: The JSON text.
            timeout: Seconds.
            asks: Whether the model will answer it with a turn.

        Raises:
            ConnectionClosed: The session has ended or is closing.
            LiveTimeout: It could not be written in time.
        """
        deadline = Deadline(timeout)
        transport = self._transport
        if transport is None or self.state is not State.OPEN:
            self.raise_ending()
        # Before it is written: its answer may be there before this thread goes on.
        log_frame(">", payload)
        if asks:
            with self._lock:
                self._turns.asked()
        try:
            transport.send(payload, timeout)
        except BaseException as error:
            if asks:
                with self._lock:
                    self._turns.not_asked()
            if isinstance(error, TransportClosed):
                # The reader is about to learn why, which is what the sender wants to know.
                self._gone.wait(deadline.sooner(1.0).remaining())
                self.raise_ending(error)
            raise
        self._counters.sent(len(payload))

    # -- receiving; the one reader of the session ----------------------------------------------------------

    def take(self, deadline: Deadline) -> Message:
        """The next message.

        Raises:
            LiveTimeout: None came in time.
            APIError: The server sent an error instead; the session goes on.
            MailboxEnded: Everything has been read, and the session has ended.
        """
        item = self._inbox.get(deadline)
        if isinstance(item, APIError):
            raise item
        with self._lock:
            self._turns.read(item)
        return item

    def ends_turn(self, message: Message) -> bool:
        """Whether this is the last message of a turn."""
        return self._turns.ends(message)

    @property
    def has_unread_turn(self) -> bool:
        """Whether messages of an earlier turn wait or are to come."""
        with self._lock:
            return self._turns.unread

    # -- ending; any thread ------------------------------------------------------------------------------

    def close(self, code: int, reason: str, *, timeout: float | None) -> None:
        """Ends the session and waits for it; in one of its callbacks it does not wait."""
        deadline = Deadline(timeout)
        self.begin_close(code, reason, timeout)
        if self.callbacks is not None and self.callbacks.running_here:
            return
        if not self._join(deadline.remaining()):
            if (transport := self._transport) is not None:
                transport.abort()
            self._join(_GRACE_SECONDS)
        if self.callbacks is not None and self._opened:
            self.callbacks.wait_finished(deadline.remaining())

    def begin_close(self, code: int, reason: str, timeout: float | None) -> None:
        """Starts ending the session; the reader thread does the rest."""
        # The remaining time is for taking things down.
        deadline = Deadline(None if timeout is None else timeout * 0.8)
        with self._lock:
            earlier = self._close_deadline
            self._close_deadline = deadline if earlier is None else earlier.sooner(deadline)
            actions = self._connection.close(code, reason)
            transport = self._transport
        if transport is None:
            if self._wakeup is not None:
                self._wakeup.interrupt()
        elif actions:
            self._perform(actions, transport)
            transport.wake()
        elif self.state is State.CLOSING and not self._opened:
            transport.abort()
        else:
            transport.wake()

    def _join(self, timeout: float | None) -> bool:
        deadline = Deadline(timeout)
        if not self._gone.wait(timeout):
            return False
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(deadline.remaining())
        return True

    def abandon(self) -> None:
        """Nobody holds the session any more. Called by a finalizer, so it takes no lock of ours."""
        self._abandoned = True
        self._wake_transport()

    def _wake_transport(self) -> None:
        transport = self._transport
        if transport is not None:
            transport.wake()

    def raise_ending(self, cause: BaseException | None = None) -> NoReturn:
        """Raises what everybody is told who uses a session that is not open.

        Raises:
            LiveError: Always; a fresh one.
        """
        ending = self._connection.ending
        if ending is not None:
            raise ending.error.fresh()
        if cause is not None and self.state is State.OPEN:
            raise ConnectionClosedError(str(cause), code=1006, reason=str(cause), phase="open") from cause
        if self.state in (State.OPEN, State.CLOSING):
            raise ConnectionClosedOK("the session is closing", code=1000, reason="", phase="closing")
        raise StateError(f"the session is {self.state.value}; it can be used once connect() has returned")

    def after_fork_in_child(self) -> None:
        """Gives up the child's copy of everything, touching no lock and writing nothing."""
        self._reset_locks()
        if self._transport is not None:
            self._transport.abandon_after_fork()
            self._transport = None
        if self.state is not State.CLOSED:
            self._connection.failed(StateError("the session belongs to the process that forked this one"))
        self._thread = None
        self._gone.set()
        self._settled.set()
