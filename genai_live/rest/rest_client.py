"""Requests to the service: with a deadline over everything, tried again where that helps, ended by ``close``.

The caller's thread waits; each attempt runs on a daemon thread of its own, as requests cannot be cancelled.
Where the wait is given up that thread is left behind, until requests gives up too.
"""

from __future__ import annotations

import itertools
import json
import ssl
import threading
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from genai_live import forking
from genai_live.errors import APIError, AuthenticationError, LiveError, StateError
from genai_live.redaction import without_credentials
from genai_live.rest.backoff import next_pause
from genai_live.rest.proxies import proxy_for
from genai_live.waiting import SHARED_CALLS, Deadline, Interrupted, Wakeup

if TYPE_CHECKING:
    from genai_live.rest.http_session import HttpSession, Response

_CLOSED = "the client is closed; make a new one"

_SHOWN_CHARACTERS = 500
"""How much of an error's text goes into the exception's; all of it is in its body."""


class RestClient:
    """The requests of one client, over one session of requests, which is made when it is needed first.

    Args:
        find_context: Returns the context for TLS.
        find_proxy: Returns the proxy's address for a URL, or None.
    """

    def __init__(
        self,
        find_context: Callable[[], ssl.SSLContext],
        find_proxy: Callable[[str], str | None] = proxy_for,
    ) -> None:
        self._find_context = find_context
        self._find_proxy = find_proxy
        self._closed = False
        self.after_fork_in_child()
        forking.register(self)

    def after_fork_in_child(self) -> None:
        """Shares no connection with the parent."""
        self._lock = threading.Lock()
        self._session: HttpSession | None = None
        self._waiting: set[Wakeup] = set()

    def post(
        self,
        url: str,
        body: bytes,
        headers: Callable[[float | None], Mapping[str, str]],
        *,
        deadline: Deadline,
        attempt_timeout: float | None,
    ) -> bytes:
        """Posts JSON, and returns the body of the answer.

        Args:
            url: Where to; it holds no credentials.
            body: The JSON.
            headers: Returns all headers, within so many seconds; may block.
            deadline: For everything.
            attempt_timeout: Seconds for each attempt, or None for no limit but the deadline.

        Raises:
            APIError: The service refused; where that may pass, it was asked several times.
            AuthenticationError: There are no credentials.
            HandshakeError: The service cannot be reached.
            LiveTimeout: The time was up.
            StateError: The client is closed, or was closed meanwhile.
        """
        wakeup = Wakeup()
        try:
            with self._lock:
                if self._closed:
                    raise StateError(_CLOSED)
                self._waiting.add(wakeup)
            attempt = partial(self._attempt, url, body, headers)
            response = self._try(attempt, deadline, attempt_timeout, wakeup)
            if response.status >= 300:
                raise _error(response, url)
            return response.body
        except Interrupted as error:
            raise StateError("the client was closed while it waited for an answer") from error
        finally:
            with self._lock:
                self._waiting.discard(wakeup)
            wakeup.close()

    def close(self) -> None:
        """Gives up what is waited for, and closes connections. Idempotent, from any thread."""
        with self._lock:
            self._closed = True
            waiting, session = tuple(self._waiting), self._session
        for wakeup in waiting:
            wakeup.interrupt()
        if session is not None:
            session.close()

    def _try(
        self,
        attempt: Callable[[Deadline], Response],
        deadline: Deadline,
        attempt_timeout: float | None,
        wakeup: Wakeup,
    ) -> Response:
        for number in itertools.count(1):
            limit = deadline if attempt_timeout is None else deadline.sooner(attempt_timeout)
            response = SHARED_CALLS.run(
                object(), partial(attempt, limit), what="request", deadline=limit, wakeup=wakeup
            )
            pause = next_pause(number, response.status, response.retry_after)
            remaining = deadline.remaining()
            if pause is None or (remaining is not None and pause > remaining):
                break
            _sleep(pause, wakeup)
        return response

    # -- the thread of one attempt -----------------------------------------------------------------------

    def _attempt(
        self, url: str, body: bytes, headers: Callable[[float | None], Mapping[str, str]], limit: Deadline
    ) -> Response:
        try:
            all_headers = headers(limit.remaining())
        except LiveError:
            raise
        except Exception as error:
            raise AuthenticationError(f"the credentials cannot be had: {error}") from error
        return self._get_session().post(url, body, all_headers, limit)

    def _get_session(self) -> HttpSession:
        from genai_live.rest.http_session import HttpSession  # noqa: PLC0415 - it imports requests

        context = self._find_context()
        with self._lock:
            if self._closed:
                raise StateError(_CLOSED)
            if self._session is None:
                self._session = HttpSession(context, self._find_proxy)
            return self._session


def _sleep(seconds: float, wakeup: Wakeup) -> None:
    until = Deadline(seconds)
    while not until.expired:
        if wakeup.interrupted:
            raise Interrupted
        wakeup.wait(until)


def _error(response: Response, url: str) -> APIError:
    """The service's own words, where the body has them: ``{"error": {"code", "message", "status"}}``."""
    answer = without_credentials(response.body.decode("utf-8", "replace"), response.asked, url)
    try:
        body: Any = json.loads(answer)
    except (ValueError, RecursionError):
        body = answer
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict):
        error = {}
    code, status, text = error.get("code"), error.get("status"), error.get("message")
    if 300 <= response.status < 400:
        text = "a redirect, which would take the credentials along; is http_options.base_url right?"
    told = " ".join(str(part) for part in (response.status, status, text) if part)
    return APIError(
        f"the service refused the request: {told[:_SHOWN_CHARACTERS]}",
        code=code if isinstance(code, int) else response.status,
        status=status if isinstance(status, str) else None,
        body=body,
    )
