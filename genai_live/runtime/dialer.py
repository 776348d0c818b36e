"""Where a session connects, and how it signs in. Runs in the session's reader thread."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from genai_live.auth import FixedAuth
from genai_live.errors import HandshakeError, LiveError
from genai_live.options import ReconnectPolicy
from genai_live.rest.backoff import seconds_to_wait
from genai_live.transport import Transport, TransportClosed, WebSocketFactory
from genai_live.waiting import SHARED_CALLS, Deadline, Interrupted, Wakeup

if TYPE_CHECKING:
    from genai_live.auth import Auth

Headers = Mapping[str, str]


class Dialer:
    """Makes the connections of one session, each with a fresh address and fresh credentials.

    Args:
        make_url: Says where to connect, anew each time.
        auth: Signs in. It may block, so it runs on a thread that can be left behind, unless what it says is
            fixed; sessions that connect to the same place at once share one call of it.
        request_headers: Makes all headers of the upgrade request from those that sign in.
        factory: Makes the transport.

    Attributes:
        shown_url: The address for logs and errors: without the query, which may hold a gateway's key.
    """

    def __init__(
        self,
        make_url: Callable[[], str],
        *,
        auth: Auth,
        request_headers: Callable[[Headers], Headers],
        factory: WebSocketFactory,
    ) -> None:
        self._make_url = make_url
        self._auth = auth
        self._request_headers = request_headers
        self._factory = factory
        self.shown_url = make_url().partition("?")[0]

    def make_transport(self, deadline: Deadline, wakeup: Wakeup) -> Transport:
        """Gets credentials, and makes a transport that is not connected yet.

        Raises:
            LiveError: There are no credentials, or not in time; or there is no address.
            TransportClosed: Interrupted.
        """
        url = self._make_url()
        self.shown_url = url.partition("?")[0]
        headers = self._request_headers(self._get_credentials(url, deadline, wakeup))
        return self._factory(url, headers, timeout=deadline.remaining())

    def _get_credentials(self, url: str, deadline: Deadline, wakeup: Wakeup) -> Headers:
        if type(self._auth).headers is FixedAuth.headers:  # what overrides it may block
            return self._auth.headers(url, timeout=None)
        remaining = deadline.remaining()
        try:
            return SHARED_CALLS.run(
                ("credentials", self._auth, url),
                lambda: self._auth.headers(url, timeout=remaining),
                what="credentials",
                deadline=deadline,
                wakeup=wakeup,
            )
        except Interrupted as error:
            raise TransportClosed(1006, "closed while getting credentials") from error


def pause_before_dial(most: float, policy: ReconnectPolicy | None, failure: LiveError | None) -> float:
    """How many seconds to wait: at random, so that not all come back at once, or as the server has asked.

    Args:
        most: What the protocol wants at most.
        policy: Bounds what the server may ask for.
        failure: Of the attempt before.
    """
    pause = random.uniform(most / 2, most)  # noqa: S311 - no secret
    if policy is None or not isinstance(failure, HandshakeError):
        return pause
    asked = failure.headers.get("retry-after")  # RFC 9110, 10.2.3
    if not asked or (seconds := seconds_to_wait(asked)) is None:
        return pause
    return min(max(pause, seconds), max(pause, policy.longest_pause))
