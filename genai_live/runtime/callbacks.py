"""The user's callbacks: in order for each session, one at a time, on the client's workers."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import attrs

from genai_live import forking
from genai_live.errors import LiveError
from genai_live.runtime.mailbox import ITEM_OVERHEAD, MOST_UNANNOUNCED, Mailbox
from genai_live.runtime.pool import WorkerPool
from genai_live.types import LiveMusicServerMessage, LiveServerMessage

if TYPE_CHECKING:
    from genai_live.music import MusicSession  # noqa: F401 - in quotes below
    from genai_live.session import Session

_JOBS_A_TURN = 64

SessionType = TypeVar("SessionType")
Message = TypeVar("Message")


@attrs.frozen(kw_only=True)
class Callbacks(Generic[SessionType, Message]):
    """What both kinds of callbacks have in common: see LiveCallbacks."""

    on_open: Callable[[SessionType], object] | None = None
    on_message: Callable[[SessionType, Message], object] | None = None
    on_error: Callable[[SessionType, BaseException], object] | None = None
    on_close: Callable[[SessionType, int, str], object] | None = None


@attrs.frozen(kw_only=True)
class LiveCallbacks(Callbacks["Session", LiveServerMessage]):
    """What to call when something happens, as in the JavaScript SDK. All are optional.

    They run on worker threads of the client: for one session one at a time and in order, ``on_close`` last
    and once; they may run before ``connect`` has returned. An exception of one goes to ``on_error``, or,
    where there is none or it raises itself, to ``threading.excepthook``; the session lives on.

    Attributes:
        on_open: ``(session)``: the setup is complete.
        on_message: ``(session, message)``: a message came. With it the session cannot be read as well.
        on_error: ``(session, error)``: the session ended with an error, or a callback raised. With
            ``on_message`` also a TurnLostError: the session goes on.
        on_close: ``(session, code, reason)``: the session has ended.
        on_reconnecting: ``(session, code, reason)``: the connection has ended, or is being left after a
            goAway, and another one is about to be made.
        on_reconnected: ``(session, state_restored, in_doubt)``: the session goes on; see Reconnected.
    """

    on_reconnecting: Callable[[Session, int, str], object] | None = None
    on_reconnected: Callable[[Session, bool, tuple[Any, ...]], object] | None = None


class LiveMusicCallbacks(Callbacks["MusicSession", LiveMusicServerMessage]):
    """The same for music; each is passed a MusicSession. See LiveCallbacks."""


class CallbackDispatcher:
    """The ordered strand of one session's callbacks.

    Args:
        callbacks: The user's.
        pool: Where they run.
        on_room: As for Mailbox.

    Attributes:
        session: Returns the session, or None when nobody holds it any more: then nobody is called.
    """

    def __init__(
        self,
        callbacks: Callbacks[Any, Any],
        pool: WorkerPool,
        on_room: Callable[[], None],
    ) -> None:
        self._callbacks = callbacks
        self._pool = pool
        self.session: Callable[[], object | None] = _nobody
        self.mailbox: Mailbox[tuple[str, tuple[Any, ...]]] = Mailbox(on_room)
        self._reset()
        forking.register(self)

    def _reset(self) -> None:
        self._lock = threading.Lock()
        self._scheduled = False
        self._unannounced = 0
        self._running_in: int | None = None
        self._finished = threading.Event()

    @property
    def takes_messages(self) -> bool:
        """Whether messages are pushed, so that nobody can read them."""
        return self._callbacks.on_message is not None

    @property
    def running_here(self) -> bool:
        """Whether the current thread is inside one of these callbacks."""
        return self._running_in == threading.get_ident()

    def opened(self) -> None:
        """Has ``on_open`` called."""
        self._put("on_open")

    def message(self, message: object, size: int) -> None:
        """Has ``on_message`` called, at the latest after ``flush``.

        Raises:
            ReceiveBufferFull: Too many wait already.
        """
        self.mailbox.put(("on_message", (message,)), size)
        self._unannounced += size + ITEM_OVERHEAD
        if self._unannounced >= MOST_UNANNOUNCED:
            self.flush()

    def flush(self) -> None:
        """Begins with what waits."""
        if self._unannounced:
            self._unannounced = 0
            self._schedule()

    def error(self, error: LiveError) -> None:
        """Has ``on_error`` called."""
        self._put("on_error", error)

    def reconnecting(self, code: int, reason: str) -> None:
        """Has ``on_reconnecting`` called."""
        self._put("on_reconnecting", code, reason)

    def reconnected(self, state_restored: bool, in_doubt: tuple[Any, ...]) -> None:
        """Has ``on_reconnected`` called."""
        self._put("on_reconnected", state_restored, in_doubt)

    def closed(self, code: int, reason: str) -> None:
        """Has ``on_close`` called; nothing may follow."""
        try:
            self._put("on_close", code, reason)
        except BaseException:
            self._finished.set()  # at the interpreter's exit no thread can be started any more
            raise

    def wait_finished(self, timeout: float | None) -> bool:
        """Waits until ``on_close`` has returned."""
        return self._finished.wait(timeout)

    def _put(self, name: str, *arguments: Any) -> None:
        self.mailbox.put_always((name, arguments))
        self._schedule()

    def _schedule(self) -> None:
        with self._lock:
            if self._scheduled:
                return
            self._scheduled = True
        self._pool.submit(self._run)

    def _run(self) -> None:
        self._running_in = threading.get_ident()
        try:
            for _ in range(_JOBS_A_TURN):
                if (job := self._next()) is None:
                    return
                self._call(*job)
        finally:
            self._running_in = None
        self._pool.submit(self._run)  # other sessions' turn

    def _next(self) -> tuple[str, tuple[Any, ...]] | None:
        while (job := self.mailbox.get_nowait()) is None:
            with self._lock:
                if not len(self.mailbox):
                    self._scheduled = False
                    return None
        return job

    def _call(self, name: str, arguments: tuple[Any, ...]) -> None:
        session = self.session()
        callback = getattr(self._callbacks, name)
        try:
            if session is not None and callback is not None:
                callback(session, *arguments)
        except BaseException as error:
            self._report(session, name, error)
        finally:
            if name == "on_close":
                self._finished.set()

    def _report(self, session: object | None, name: str, error: BaseException) -> None:
        on_error = self._callbacks.on_error
        if on_error is not None and session is not None and name != "on_error":
            try:
                on_error(session, error)
            except BaseException:
                _excepthook()
        else:
            _excepthook()

    def after_fork_in_child(self) -> None:
        """No callback of an inherited session runs in the child."""
        self._reset()
        self._finished.set()


def _nobody() -> None:
    """There is no session yet."""


def _excepthook() -> None:
    threading.excepthook(threading.ExceptHookArgs((*sys.exc_info(), threading.current_thread())))
