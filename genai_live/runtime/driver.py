"""One session's machinery, without its face. Any thread; what the reader thread does stands in ``reader``.

One lock guards the session's state: the protocol, the turnstile, the turns. It is held for moments, never
while calling a callback, a logging handler, the transport or another thread, so its place in the order of
locks does not matter.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from typing import Any, Generic, NoReturn

from genai_live import forking
from genai_live.errors import ConnectionClosedOK, LiveError, LiveTimeout, StateError
from genai_live.options import ReconnectPolicy, Watchdogs
from genai_live.protocol import (
    LIVE,
    ClientMessage,
    FunctionAnswered,
    LiveProtocol,
    Message,
    Purpose,
    State,
    TurnTracker,
)
from genai_live.runtime.callbacks import CallbackDispatcher, Callbacks
from genai_live.runtime.clock import Clock
from genai_live.runtime.dialer import Dialer
from genai_live.runtime.function_caller import FunctionCaller
from genai_live.runtime.incoming import Incoming
from genai_live.runtime.mailbox import Mailbox
from genai_live.runtime.outgoing import Outgoing
from genai_live.runtime.pool import WorkerPool
from genai_live.runtime.reader import Reader
from genai_live.runtime.statistics import Counters, SessionStats
from genai_live.runtime.turnstile import SessionOver
from genai_live.transport import Transport
from genai_live.waiting import Deadline

_CLOSE_SECONDS = 5.0
_GRACE_SECONDS = 0.1


class Driver(Generic[Message]):
    """Puts one session together, and is what its face talks to: holds no strong reference to that.

    Args:
        dialer: Makes the connections.
        setup: The first message.
        messages_are: The class of what the server sends.
        turns: Follows the turns in it.
        pool: Where callbacks run.
        callbacks: The user's, or None.
        policy: How to go on when a connection ends; None to end with it.
        watchdogs: What to take for a failure.
        functions: Runs what the model calls, or None where all calls are the user's.
        on_end: Called once by the reader thread when everything of the session is gone.

    Attributes:
        protocol: For reading only.
        incoming: What has come.
        callbacks: The strand of the user's callbacks, or None.
    """

    def __init__(
        self,
        *,
        dialer: Dialer,
        setup: ClientMessage,
        messages_are: type[Message],
        turns: TurnTracker[Message],
        pool: WorkerPool,
        callbacks: Callbacks[Any, Message] | None,
        policy: ReconnectPolicy | None = None,
        watchdogs: Watchdogs | None = None,
        functions: FunctionCaller | None = None,
        on_end: Callable[[Driver[Any]], None],
    ) -> None:
        self._dialer = dialer
        self._on_end = on_end
        self._lock = threading.Lock()
        self._settled = threading.Event()
        self._gone = threading.Event()
        self._thread: threading.Thread | None = None
        self._watched = watchdogs is not None
        self._counters = Counters()
        clock = Clock()
        self._functions = functions
        takes = {} if functions is None else {"takes": functions.takes}
        self.protocol = LiveProtocol[Message](setup, turns=turns, policy=policy, watchdogs=watchdogs, **takes)
        self.callbacks = CallbackDispatcher(callbacks, pool, self._wake) if callbacks else None
        inbox: Mailbox[Any] = Mailbox(self._wake, self._stand_in)
        self.incoming = Incoming(lock=self._lock, turns=turns, inbox=inbox, callbacks=self.callbacks)
        self._outgoing = Outgoing(
            lock=self._lock, protocol=self.protocol, counters=self._counters, clock=clock, policy=policy
        )
        self._reader = Reader(
            dialer=dialer,
            protocol=self.protocol,
            messages_are=messages_are,
            lock=self._lock,
            incoming=self.incoming,
            outgoing=self._outgoing,
            counters=self._counters,
            clock=clock,
            policy=policy,
            functions=functions,
            settled=self._is_open,
            ended=self._has_ended,
        )
        forking.register(self)

    def attach(self, session: object) -> None:
        """The session's face, held weakly: for the callbacks."""
        if self.callbacks is not None:
            self.callbacks.session = weakref.ref(session)

    def _wake(self) -> None:
        self._reader.wake()

    def _stand_in(self, deadline: Deadline) -> bool:
        return self._reader.stand_in(deadline)

    def _is_open(self) -> None:
        self._settled.set()

    def _has_ended(self) -> None:
        self._on_end(self)
        self._gone.set()
        self._settled.set()

    # -- what the session shows ----------------------------------------------------------------------------

    @property
    def state(self) -> State:
        """What the session is doing."""
        return self.protocol.state

    @property
    def transport(self) -> Transport | None:
        """The connection, while there is one."""
        return self._reader.transport

    def stats(self) -> SessionStats:
        """A snapshot of the counters."""
        return self._counters.snapshot(self.incoming.mailbox, self._outgoing.waiting, self.protocol)

    # -- connecting; the caller of Live.connect ------------------------------------------------------------

    def open(self, deadline: Deadline, name: str) -> None:
        """Starts the reader thread and waits until the setup is complete.

        Raises:
            LiveError: What kept it from that; everything has been cleaned up then.
        """
        try:
            self._start(deadline, name)
            remaining = deadline.remaining()
            settled = self._settled.wait(None if remaining is None else remaining + _GRACE_SECONDS)
        except BaseException:
            self.close(1000, "", timeout=_CLOSE_SECONDS)
            raise
        if not settled:
            # Only a factory of the user's that forgets its timeout can hold the reader up.
            self.close(1000, "", timeout=0)
            raise LiveTimeout(f"connecting to {self._dialer.shown_url} took too long")
        if not self._reader.opened:
            self._join(_CLOSE_SECONDS)
            self.raise_ending()

    def _start(self, deadline: Deadline, name: str) -> None:
        thread = self._thread = threading.Thread(
            target=self._reader.run, args=(deadline,), name=name, daemon=True
        )
        try:
            thread.start()
        except RuntimeError as error:
            self._thread = None
            failure = LiveError(f"no reader thread can be started: {error}")
            self._reader.finish(failure)
            raise failure from error

    # -- sending; any thread -------------------------------------------------------------------------------

    def send(
        self,
        message: Any,
        payload: bytes,
        purpose: Purpose | None,
        timeout: float | None,
        *,
        wanted: Callable[[], bool] | None = None,
        announce: Callable[[], None] | None = None,
    ) -> None:
        """Writes one message in the caller's thread; see ``Outgoing.send``.

        Raises:
            ConnectionClosed: The session has ended or is closing.
            LiveTimeout: The message could not be written in time.
        """
        if self.state not in LIVE:
            self.raise_ending()
        asks = purpose is Purpose.ASKS
        if asks:
            self.incoming.asked()
        try:
            self._outgoing.send(message, payload, purpose, timeout, wanted=wanted, announce=announce)
            if self._watched and purpose in (Purpose.ASKS, Purpose.ANSWERS):
                self._wake()  # it may have to look up sooner than it thought
        except BaseException as error:
            if asks:
                self.incoming.not_asked()
            if isinstance(error, SessionOver):
                self.raise_ending()
            raise

    # -- the functions' threads ------------------------------------------------------------------------------

    def answered(self, event: FunctionAnswered) -> None:
        """A function was run, or its call cancelled."""
        self.incoming.answered(event)
        self._wake()  # who stands in for the reader thread would not see it

    # -- ending; any thread --------------------------------------------------------------------------------

    def close(self, code: int, reason: str, *, timeout: float | None) -> None:
        """Ends the session and waits for it; in one of its callbacks it does not wait."""
        deadline = Deadline(timeout)
        self.begin_close(code, reason, timeout)
        if self.callbacks is not None and self.callbacks.running_here:
            return
        if not self._join(deadline.remaining()):
            if (transport := self.transport) is not None:
                transport.abort()
            self._join(_GRACE_SECONDS)
        if self.callbacks is not None and self._reader.opened:
            self.callbacks.wait_finished(deadline.remaining())

    def begin_close(self, code: int, reason: str, timeout: float | None) -> None:
        """Starts ending the session; the reader thread does the rest."""
        # The remaining time is for taking things down.
        self._reader.begin_close(code, reason, Deadline(None if timeout is None else timeout * 0.8))
        if self._functions is not None:
            self._functions.cancel(None, "the session is closing")

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
        self._reader.abandon()

    def raise_ending(self) -> NoReturn:
        """Raises what everybody is told who uses a session that is not open.

        Raises:
            LiveError: Always; a fresh one.
        """
        ending = self.protocol.ending
        if ending is not None:
            raise ending.error.fresh()
        if self.state in (*LIVE, State.CLOSING):
            raise ConnectionClosedOK("the session is closing", code=1000, reason="", phase="closing")
        raise StateError(f"the session is {self.state.value}; it can be used once connect() has returned")

    def after_fork_in_child(self) -> None:
        """Gives up the child's copy of everything, touching no lock and writing nothing."""
        self._lock = threading.Lock()
        self._settled = threading.Event()
        self._gone = threading.Event()
        self._thread = None
        self.incoming.reset(self._lock)
        self._outgoing.reset(self._lock)
        self._reader.reset(self._lock)
        if self.state is not State.CLOSED:
            self.protocol.give_up(StateError("the session belongs to the process that forked this one"))
        self._gone.set()
        self._settled.set()
