"""Where a session's functions run, and how their answers get to the model.

Called by the session's reader thread and by workers of the client.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from genai_live import codec
from genai_live.errors import ConfigurationError
from genai_live.protocol import FunctionAnswered, Purpose
from genai_live.runtime import Alarms, Driver, WorkerPool
from genai_live.tools import error_response
from genai_live.types import FunctionCall, FunctionResponse, LiveClientMessage, LiveClientToolResponse

if TYPE_CHECKING:
    from genai_live.session.session import Session


class FunctionHost:
    """See ``tools.Host``.

    Args:
        pool: Runs the functions; not the pool of the callbacks, so that one may wait for the other.
        alarms: Tells when a function takes too long.
    """

    def __init__(self, pool: WorkerPool, alarms: Alarms) -> None:
        self._pool = pool
        self._alarms = alarms
        self._driver: Driver[Any] | None = None
        self._session: Callable[[], Session | None] = _nobody

    def attach(self, driver: Driver[Any], session: Session) -> None:
        """Says whose functions they are; the session is held weakly."""
        self._driver = driver
        self._session = weakref.ref(session)

    def session(self) -> Session | None:
        """The session's face, or None when nobody holds it any more."""
        return self._session()

    def submit(self, job: Callable[[], None], *, urgent: bool = False) -> None:
        """Has a job run on a worker; an urgent one whether or not a worker is free."""
        self._pool.submit(job, urgent=urgent)

    def set_alarm(self, seconds: float, ring: Callable[[], None]) -> Callable[[], None]:
        """Has ``ring`` called so many seconds from now; returns what calls that off."""
        return self._alarms.set(seconds, ring)

    def answer(self, response: FunctionResponse, call: FunctionCall, seconds: float) -> None:
        """Sends an answer, if the call still wants one, however long there is no connection.

        Raises:
            LiveError: The session has ended.
        """
        driver = self._attached()
        message = _message(response)
        try:
            payload = codec.encode(message)
        except ConfigurationError as error:
            response = error_response(error, call, hidden=False)
            message = _message(response)
            payload = codec.encode(message)
        driver.send(
            message,
            payload,
            Purpose.ANSWERS,
            None,
            wanted=lambda: driver.protocol.wants_answer(call),
            announce=lambda: driver.answered(FunctionAnswered(call, response, seconds)),
        )

    def cancelled(self, call: FunctionCall, seconds: float) -> None:
        """Tells whoever reads that a call gets no answer."""
        self._attached().answered(FunctionAnswered(call, None, seconds))

    def _attached(self) -> Driver[Any]:
        assert self._driver is not None  # noqa: S101 - attached before the session connects
        return self._driver


def _message(response: FunctionResponse) -> LiveClientMessage:
    return LiveClientMessage(tool_response=LiveClientToolResponse(function_responses=[response]))


def _nobody() -> None:
    """There is no session yet."""
