"""The reader thread of a session: connects, reads, reconnects, and ends it.

While it waits for a message, whoever consumes may stand in, and take messages in instead.

Its ``finally`` is the only way into CLOSED. Whatever it waits for, it waits for a wake-up too. It holds the
session's lock for moments, never while calling the transport, a callback, a logging handler, or waiting.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from functools import partial
from threading import get_ident, main_thread
from typing import Generic

from genai_live import codec
from genai_live.errors import LiveError, LiveTimeout, ProtocolError, ReceiveBufferFull
from genai_live.options import ReconnectPolicy
from genai_live.protocol import (
    Action,
    AnswerAgain,
    CancelCalls,
    CutOff,
    Deliver,
    Dial,
    Ended,
    GiveUp,
    Leaving,
    LiveProtocol,
    Message,
    Opened,
    Reopened,
    RunCalls,
    SendClose,
    SendMessage,
    State,
)
from genai_live.runtime.clock import Clock
from genai_live.runtime.dialer import Dialer, pause_before_dial
from genai_live.runtime.frame_log import LOGGER, log_frame
from genai_live.runtime.function_caller import FunctionCaller
from genai_live.runtime.incoming import Incoming
from genai_live.runtime.keepalive import Keepalive
from genai_live.runtime.outgoing import Outgoing
from genai_live.runtime.statistics import Counters
from genai_live.transport import Transport, TransportClosed
from genai_live.waiting import Deadline, Wakeup

_REASON = "closed while there was no connection"


class Reader(Generic[Message]):
    """What the reader thread does, and what other threads may ask of it.

    Args:
        dialer: Makes the connections.
        protocol: The session's protocol.
        messages_are: The class of what the server sends.
        lock: The session's lock.
        incoming: Takes what comes.
        outgoing: Is told when there is a connection.
        counters: The session's counters.
        clock: The time.
        policy: How long an attempt may take.
        functions: Runs what the model calls, or None.
        settled: Called once, when the session is open or has ended.
        ended: Called once, when everything is gone.

    Attributes:
        transport: The connection, while there is one.
        opened: Whether the session has ever been open.
    """

    def __init__(
        self,
        *,
        dialer: Dialer,
        protocol: LiveProtocol[Message],
        messages_are: type[Message],
        lock: threading.Lock,
        incoming: Incoming[Message],
        outgoing: Outgoing[Message],
        counters: Counters,
        clock: Clock,
        policy: ReconnectPolicy | None,
        functions: FunctionCaller | None,
        settled: Callable[[], None],
        ended: Callable[[], None],
    ) -> None:
        self._dialer = dialer
        self._protocol = protocol
        self._messages_are = messages_are
        self._lock = lock
        self._incoming = incoming
        self._outgoing = outgoing
        self._counters = counters
        self._clock = clock
        self._policy = policy
        self._functions = functions
        self._settled = settled
        self._ended = ended
        self._deadline = Deadline(None)
        self._close_deadline: Deadline | None = None
        self._wakeup: Wakeup | None = None
        self._abandoned = False
        self._keepalive = Keepalive(clock)
        self._look_at = 0.0
        self._actions: list[Action[Message]] = []
        self.transport: Transport | None = None
        self.opened = False

    def reset(self, lock: threading.Lock) -> None:
        """With another lock and without a connection, for a forked child."""
        self._lock = lock
        if self.transport is not None:
            self.transport.abandon_after_fork()
            self.transport = None

    # -- other threads ---------------------------------------------------------------------------------------

    def begin_close(self, code: int, reason: str, deadline: Deadline) -> None:
        """Starts ending the session.

        Args:
            code: For the close frame.
            reason: Likewise.
            deadline: When to cut the connection if the server has not answered.
        """
        with self._lock:
            earlier = self._close_deadline
            self._close_deadline = deadline if earlier is None else earlier.sooner(deadline)
            resuming = self._protocol.state is State.RESUMING
            actions = self._protocol.close(code, reason)
            transport = self.transport
        self._outgoing.end()
        if transport is None:
            if self._wakeup is not None:
                self._wakeup.interrupt()
        elif actions:
            self._perform(actions, transport)
            transport.wake()
        elif resuming or not self.opened:
            transport.abort()
        else:
            transport.wake()

    def abandon(self) -> None:
        """Nobody holds the session any more. Called by a finalizer, so it takes no lock of ours."""
        self._abandoned = True
        transport, wakeup = self.transport, self._wakeup
        if self._protocol.state is not State.RESUMING:
            self.wake()
        elif transport is not None:
            transport.abort()
        elif wakeup is not None:
            wakeup.interrupt()

    def wake(self) -> None:
        """Has the reader thread look up from whatever it waits for."""
        transport, wakeup = self.transport, self._wakeup
        if transport is not None:
            transport.wake()
        elif wakeup is not None:
            wakeup.set()

    # -- the consumer ----------------------------------------------------------------------------------------

    def stand_in(self, deadline: Deadline) -> bool:
        """Waits and reads in the consumer's thread, in place of the reader thread.

        Not in the main thread: a Ctrl-C could strike while a message is taken in, and half of that be undone.

        Returns:
            Whether messages came in; the inbox may have one now.
        """
        transport = self.transport
        if transport is None or get_ident() == main_thread().ident:
            return False
        return transport.stand_in(
            partial(self._take_in, transport), deadline.remaining(), unless=self._nothing_to_wait_for
        )

    def _nothing_to_wait_for(self) -> bool:
        return self._protocol.state is not State.OPEN or len(self._incoming.mailbox) > 0

    def _take_in(self, transport: Transport, payload: bytes | str) -> bool:
        """Handles a message; returns False where the reader thread has more to do than to go on."""
        now = self._handle(payload, transport)
        tick = self._protocol.next_tick(now)
        on_time = now < self._look_at and (tick is None or tick >= self._look_at)
        return on_time and not self._incoming.mailbox.full

    # -- the reader thread -----------------------------------------------------------------------------------

    def run(self, deadline: Deadline) -> None:
        """Holds the session until its end.

        Args:
            deadline: For the first connection.
        """
        self._deadline = deadline
        try:
            self._wakeup = Wakeup()
            with self._lock:
                if not self._closing:
                    self._protocol.connect()
            while not self._has_ended:
                self._hold_connection()
        except BaseException as error:
            failure = LiveError(f"the reader thread of the session failed: {error!r}")
            failure.__cause__ = error
            self.finish(failure)
        else:
            self.finish(None)

    @property
    def _closing(self) -> bool:
        return self._protocol.state is State.CLOSING

    @property
    def _has_ended(self) -> bool:
        return self._protocol.state is State.CLOSED

    def _hold_connection(self) -> None:
        """Makes a connection, and holds it until it ends."""
        failure: LiveError | None = None
        try:
            transport = self._connect()
            while True:
                self._step(transport)
        except TransportClosed as closed:
            self._incoming.flush()
            LOGGER.debug("the connection ended: %s", closed)
            _let_frames_go(closed)
            unsent = self._let_go()
            now = self._clock.now()
            with self._lock:
                actions = self._protocol.disconnected(
                    closed.code, closed.reason, closed, now=now, unsent=unsent
                )
        except LiveError as error:
            failure = error
            self._incoming.flush()
            LOGGER.debug("the connection failed: %r", error)
            self._tell_server(error)
            unsent = self._let_go()
            with self._lock:
                actions = self._protocol.failed(error, unsent=unsent)
        self._actions = actions
        for action in actions:
            if isinstance(action, Dial):
                self._await_dial(action, failure)

    def _connect(self) -> Transport:
        wakeup = self._open_wakeup()
        if self._closing:
            raise TransportClosed(1006, _REASON)
        LOGGER.debug("connecting to %s", self._dialer.shown_url)
        transport = self._dialer.make_transport(self._deadline, wakeup)
        with self._lock:
            self.transport = transport
            closing = self._closing
        if closing or self._abandoned:
            raise TransportClosed(1006, _REASON)
        transport.connect()
        LOGGER.debug("connected to %s", self._dialer.shown_url)
        self._keepalive.connected(transport)
        with self._lock:
            actions = self._protocol.upgraded()
        self._perform(actions, transport)
        return transport

    def _open_wakeup(self) -> Wakeup:
        assert self._wakeup is not None  # noqa: S101 - made first of all
        return self._wakeup

    def _await_dial(self, dial: Dial, failure: LiveError | None) -> None:
        """Waits before another attempt."""
        if dial.event is not None:
            self._incoming.reconnecting(dial.event)
        if pause := pause_before_dial(dial.pause, self._policy, failure):
            LOGGER.debug("another attempt to connect to %s in %.1f s", self._dialer.shown_url, pause)
        until, wakeup = Deadline(pause), self._open_wakeup()
        while not (until.expired or wakeup.interrupted or self._abandoned):
            wakeup.wait(until)
        if self._abandoned:
            with self._lock:
                self._protocol.close(1000, "")
        self._deadline = Deadline(self._policy.attempt_timeout if self._policy else None)

    def _step(self, transport: Transport) -> None:
        """Handles messages, up to a moment at which there is something else to do."""
        state = self._protocol.state
        paused = state is State.OPEN and self._incoming.mailbox.full
        payload = transport.receive(
            self._patience(state),
            paused=paused,
            before_waiting=self._incoming.flush,
            handle=partial(self._take_in, transport) if state is State.OPEN else None,
        )
        if self._closing:
            if self._close_deadline is None or self._close_deadline.expired:
                raise TransportClosed(1006, "the server did not answer the close in time")
        elif payload is not None:
            now = self._handle(payload, transport)
            if now < self._look_at or self._protocol.state not in (State.OPEN, State.LEAVING):
                return
        elif self._abandoned:
            self.begin_close(1000, "", Deadline(5.0))
        elif state in (State.SETTING_UP, State.RESUMING) and self._deadline.expired:
            raise LiveTimeout("setupComplete did not come before the deadline")
        self._look_around(transport, paused=paused)

    def _patience(self, state: State) -> float | None:
        """Seconds to wait for a message."""
        if self._close_deadline is not None:
            return self._close_deadline.remaining()
        if state is State.SETTING_UP or state is State.RESUMING:
            return self._deadline.remaining()
        until = self._keepalive.look_at
        tick = self._protocol.next_tick(self._keepalive.silent_since)
        if tick is not None and tick < until:
            until = tick
        self._look_at = until
        return max(0.0, until - self._clock.now())

    def _look_around(self, transport: Transport, *, paused: bool) -> None:
        """Time may have passed: is the server there, and is anything due?"""
        now = self._keepalive.look_around(transport, paused=paused)
        with self._lock:
            if paused:
                self._protocol.times.was_paused(now)
            actions = self._protocol.tick(now, self._keepalive.silent_since)
        self._perform(actions, transport)

    def _handle(self, payload: bytes | str, transport: Transport) -> float:
        log_frame("<", payload)
        message = codec.decode(payload, self._messages_are)
        self._counters.received(len(payload))
        now = self._keepalive.heard(transport)
        with self._lock:
            actions = self._protocol.received(message, now)
        self._perform(actions, transport, len(payload))
        return now

    def _perform(self, actions: list[Action[Message]], transport: Transport, size: int = 0) -> None:
        for action in actions:
            match action:
                case Deliver(item):
                    self._incoming.deliver(item, size)
                case SendMessage(message):
                    payload = codec.encode(message)
                    log_frame(">", payload)
                    transport.send(payload, self._deadline.remaining())
                    with self._lock:
                        self._counters.sent(len(payload))
                case SendClose(code, reason):
                    transport.close(code, reason)
                case Opened():
                    self._open(transport)
                case Leaving() | Reopened():
                    self._change_over(action, transport)
                case RunCalls() | CancelCalls() | AnswerAgain():
                    self._call_functions(action)
                case GiveUp() | CutOff():
                    raise action.error if isinstance(action, GiveUp) else TransportClosed(1006, action.reason)

    def _change_over(self, action: Leaving | Reopened, transport: Transport) -> None:
        match action:
            case Leaving(event):
                self._outgoing.shut()
                self._incoming.reconnecting(event)
            case Reopened(event):
                self._incoming.reconnected(event)
                # Now, not before: if the way breaks again, the user has been told of this connection.
                with _breaking_off():
                    self._outgoing.send_again(transport, self._deadline)
                    self._outgoing.open(transport, self._deadline)

    def _call_functions(self, action: RunCalls | CancelCalls | AnswerAgain) -> None:
        functions = self._functions
        if functions is None:
            return
        match action:
            case RunCalls(calls):
                functions.run(calls)
            case CancelCalls(ids, reason):
                functions.cancel(ids, reason)
            case AnswerAgain(calls):
                functions.answer_again(calls)

    def _open(self, transport: Transport) -> None:
        self._outgoing.open(transport, self._deadline)
        self.opened = True
        self._incoming.opened()
        self._settled()

    def _tell_server(self, error: LiveError) -> None:
        """Says with a close frame why we cannot go on, if there is anybody to tell."""
        code = {ProtocolError: 1002, ReceiveBufferFull: 1008}.get(type(error), 1000)
        if self._protocol.state is State.RESUMING:
            return
        with self._lock:
            actions = self._protocol.fail(error, code)
        if self.transport is not None:
            self._perform(actions, self.transport)

    def _let_go(self) -> tuple[object, ...]:
        """Frees the connection; returns what waits for another one."""
        self._outgoing.shut()
        try:
            if self.transport is not None:
                self.transport.dispose()
        finally:
            with self._lock:
                self.transport = None
        return self._outgoing.settle()

    def finish(self, failure: LiveError | None) -> None:
        """The one end of every session: frees everything, then tells everybody.

        Args:
            failure: What kept the reader thread from ending the session itself; None where it did.
        """
        try:
            if failure is not None:
                self._let_go()
                with self._lock:
                    self._actions = [] if self._has_ended else self._protocol.give_up(failure)
        finally:
            if self._wakeup is not None:
                self._wakeup.close()
            self._outgoing.end()
            if self._functions is not None:
                self._functions.cancel(None, "the session has ended")
            self._incoming.end()
            try:
                for action in self._actions:
                    if isinstance(action, Ended):
                        LOGGER.debug("closed: %s %s", action.ending.code, action.ending.reason)
                        if self.opened:
                            self._incoming.ended(action.ending)
            finally:
                self._ended()


@contextlib.contextmanager
def _breaking_off() -> Iterator[None]:
    """A server that does not take what we owe it is as good as gone."""
    try:
        yield
    except LiveTimeout as error:
        raise TransportClosed(1006, f"the server did not take what was to be sent: {error}") from error


def _let_frames_go(error: BaseException) -> None:
    """The error is kept as a cause. With the frames that it came through, it would keep the connection."""
    link: BaseException | None = error
    while link is not None:
        link.__traceback__ = None
        link = link.__cause__ or link.__context__
