"""Runs the functions that the model calls: each call once, with one answer, or none where it was cancelled.

The session's reader thread begins and cancels calls; workers of the client run them and send the answers.
"""

from __future__ import annotations

import inspect
import logging
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import Any, Protocol

import attrs

from genai_live import forking
from genai_live.errors import LiveError, LiveTimeout, ToolError
from genai_live.options import AutomaticFunctionCalling
from genai_live.tools.cancel_token import CancelToken
from genai_live.tools.functions import Function, Functions
from genai_live.tools.results import error_response, result_response
from genai_live.tools.tool_context import ToolContext
from genai_live.types import FunctionCall, FunctionResponse

LOGGER = logging.getLogger("genai_live")

_PACKAGE = "genai_live."

_REMEMBERED = 64
"""Answers that are kept for calls that come again on another connection: their own were lost."""


class Host(Protocol):
    """What a runner needs of the session and its client."""

    def submit(self, job: Callable[[], None], *, urgent: bool = False) -> None:
        """Has a job run on a worker; an urgent one whether or not a worker is free."""
        ...

    def set_alarm(self, seconds: float, ring: Callable[[], None]) -> Callable[[], None]:
        """Has ``ring`` called so many seconds from now; returns what calls that off."""
        ...

    def answer(self, response: FunctionResponse, call: FunctionCall, seconds: float) -> None:
        """Sends an answer, if the call still wants one.

        Raises:
            LiveError: It cannot be sent.
        """
        ...

    def cancelled(self, call: FunctionCall, seconds: float) -> None:
        """Takes note of a call that gets no answer."""
        ...

    def session(self) -> Any:
        """The session's face, or None when nobody holds it any more."""
        ...


@attrs.define(eq=False)
class _Running:
    call: FunctionCall
    function: Function
    token: CancelToken = attrs.field(factory=CancelToken)
    begun_at: float = attrs.field(factory=time.monotonic)
    done: bool = False
    has_slot: bool = False
    call_off_alarm: Callable[[], None] | None = None

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.begun_at


class FunctionRunner:
    """The functions of one session, and their calls.

    Args:
        functions: What can be called.
        settings: Limits.
        host: Where functions run and answers go.
    """

    def __init__(self, functions: Functions, settings: AutomaticFunctionCalling, host: Host) -> None:
        self.functions = functions
        self._settings = settings
        self._host = host
        self._reset()
        forking.register(self)

    def _reset(self) -> None:
        self._lock = threading.Lock()
        self._in_flight: dict[int, _Running] = {}
        self._waiting: deque[_Running] = deque()
        self._active = 0
        self._answers: OrderedDict[str, FunctionResponse] = OrderedDict()

    # -- the reader thread ---------------------------------------------------------------------------------

    def takes(self, call: FunctionCall) -> bool:
        """Whether this call is run here; others are the user's."""
        return call.name in self.functions

    def run(self, calls: Sequence[FunctionCall]) -> None:
        """Has these calls run."""
        for call in calls:
            running = _Running(call, self.functions[call.name or ""])
            seconds = running.function.timeout
            if seconds is None:
                seconds = self._settings.timeout
            with self._lock:
                self._in_flight[id(running)] = running
                self._waiting.append(running)
            if seconds is not None:
                ring = partial(self._ring, running, seconds)
                running.call_off_alarm = self._host.set_alarm(seconds, ring)
            self._start_next()

    def cancel(self, ids: Collection[str] | None, reason: str) -> None:
        """Cancels the calls with these ids, or all: their functions are told, and no answer is sent."""
        with self._lock:
            cancelled = [
                running
                for running in self._in_flight.values()
                if not running.done and (ids is None or running.call.id in ids)
            ]
            for running in cancelled:
                running.done = True
        for running in cancelled:
            running.token.cancel(reason)
            self._settle(running)
            self._host.cancelled(running.call, running.seconds)

    def answer_again(self, calls: Sequence[FunctionCall]) -> None:
        """Sends the answers of calls that were answered on an earlier connection, and come again."""
        for call in calls:
            with self._lock:
                response = self._answers.get(call.id or "")
            if response is not None:
                self._host.submit(partial(self._answer, call, response, 0.0))

    # -- workers ---------------------------------------------------------------------------------------------

    def _start_next(self) -> None:
        with self._lock:
            while self._waiting and self._waiting[0].done:
                self._waiting.popleft()
            if not self._waiting or self._active >= self._settings.max_calls:
                return
            running = self._waiting.popleft()
            running.has_slot = True
            self._active += 1
        self._host.submit(partial(self._run, running))

    def _run(self, running: _Running) -> None:
        try:
            if not running.done:
                self._call(running)
        finally:
            self._free_slot(running)

    def _free_slot(self, running: _Running) -> None:
        with self._lock:
            if not running.has_slot:
                return
            running.has_slot = False
            self._active -= 1
        self._start_next()

    def _call(self, running: _Running) -> None:
        call, function = running.call, running.function
        try:
            context = ToolContext(
                session=self._host.session(), call_id=call.id or "", cancel_token=running.token
            )
            result = function.call(call, context)
            if inspect.isgenerator(result):
                result = self._send_partial(running, result)
            response = result_response(result, call, function.scheduling)
        except BaseException as error:  # a SystemExit too: the model waits for an answer
            if not running.done:
                _log(call, error)
            hidden = self._settings.hide_errors or function.hide_errors
            response = error_response(error, call, hidden=hidden, scheduling=function.scheduling)
        self._finish(running, response)

    def _send_partial(self, running: _Running, results: Any) -> Any:
        """Sends what a generator yields; returns what it returns."""
        try:
            while True:
                try:
                    value = next(results)
                except StopIteration as end:
                    return {} if end.value is None else end.value
                running.token.raise_if_cancelled()
                response = result_response(value, running.call, running.function.scheduling)
                response.will_continue = True
                self._answer(running.call, response, running.seconds)
        finally:
            results.close()

    def _finish(self, running: _Running, response: FunctionResponse) -> None:
        """Sends a call's one answer, unless it has had one or was cancelled."""
        with self._lock:
            if running.done:
                return
            running.done = True
            if running.call.id:
                self._answers[running.call.id] = response
                if len(self._answers) > _REMEMBERED:
                    self._answers.popitem(last=False)
        self._settle(running)
        self._answer(running.call, response, running.seconds)

    def _settle(self, running: _Running) -> None:
        with self._lock:
            self._in_flight.pop(id(running), None)
        if running.call_off_alarm is not None:
            running.call_off_alarm()

    def _answer(self, call: FunctionCall, response: FunctionResponse, seconds: float) -> None:
        try:
            self._host.answer(response, call, seconds)
        except LiveError as error:
            # The session has ended, and says so to whoever uses it.
            LOGGER.debug("the answer of %s was not sent: %s", call.name, error)

    def _ring(self, running: _Running, seconds: float) -> None:
        """A call's time is up. Called by the alarms' thread, which must not wait."""
        message = f"{running.call.name} did not finish within {seconds:g} s"
        response = error_response(LiveTimeout(message), running.call, hidden=False)
        running.token.cancel(message)
        self._free_slot(running)
        self._host.submit(partial(self._finish, running, response), urgent=True)

    def after_fork_in_child(self) -> None:
        """The functions stayed in the parent."""
        self._reset()


def _log(call: FunctionCall, error: BaseException) -> None:
    """Shows where in the user's code it was raised, and nothing of ours."""
    raised_at = error.__traceback__
    while raised_at is not None and raised_at.tb_frame.f_globals.get("__name__", "").startswith(_PACKAGE):
        raised_at = raised_at.tb_next
    if raised_at is None and isinstance(error, ToolError):
        LOGGER.warning("the call of %s failed, and the model was told: %s", call.name, error)
    else:
        shown = (type(error), error, raised_at or error.__traceback__)
        LOGGER.warning("the function %s raised, and the model was told", call.name, exc_info=shown)
