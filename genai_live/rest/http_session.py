"""One session of requests, without its habits that surprise.

It trusts what the client's TLS context trusts, takes proxies from ``proxies.py``, keeps no cookies, reads no
``.netrc``, follows no redirect, which would take the credentials along, and gives the logs of the libraries
underneath no secret to show. Runs in the thread of an attempt.
"""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from genai_live.errors import ConfigurationError, HandshakeError, LiveTimeout, ProtocolError
from genai_live.verification import advice
from genai_live.waiting import Deadline

MAX_BODY_BYTES = 1024 * 1024
"""The largest body that is read; tokens and errors take a few hundred bytes."""

_CHUNK_BYTES = 65536

_query: ContextVar[str] = ContextVar("genai_live_query", default="")
"""What follows the path in the address of the request that this thread makes."""


class Response:
    """What the service answered.

    Attributes:
        status: The HTTP status.
        retry_after: The header of that name, or None.
        body: All of the body.
        asked: The headers that it answers.
    """

    def __init__(self, status: int, retry_after: str | None, body: bytes, asked: Mapping[str, str]) -> None:
        self.status = status
        self.retry_after = retry_after
        self.body = body
        self.asked = asked


class HttpSession:
    """Keeps connections for later requests.

    Args:
        context: For TLS; it is not changed.
        find_proxy: Returns the proxy's address for a URL, or None.
    """

    def __init__(self, context: ssl.SSLContext, find_proxy: Callable[[str], str | None]) -> None:
        self._find_proxy = find_proxy
        session = self._session = requests.Session()
        session.trust_env = False
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        session.mount("https://", _Adapter(context))
        session.mount("http://", _Adapter(context))

    def post(self, url: str, body: bytes, headers: Mapping[str, str], deadline: Deadline) -> Response:
        """Posts a body, and reads the answer, whatever its status.

        Args:
            url: Where to; it holds no credentials.
            body: JSON.
            headers: All headers of ours.
            deadline: For the connection, for each piece of the answer, and for all of them.

        Raises:
            HandshakeError: The service cannot be reached, or the connection broke.
            LiveTimeout: It took too long.
            ProtocolError: The answer is too large.
            ConfigurationError: The proxy cannot be used.
        """
        shown, mark, query = url.partition("?")
        proxy = self._find_proxy(shown)
        token = _query.set(mark + query)
        try:
            with self._session.post(
                shown,
                data=body,
                # Not compressed, so that the bound holds for what is unpacked, too.
                headers={"accept-encoding": "identity"}
                | {key: text.strip() for key, text in headers.items()},
                timeout=_positive(deadline.remaining()),
                proxies={"http": proxy, "https": proxy} if proxy else None,
                allow_redirects=False,
                stream=True,
            ) as response:
                answer = _read(response, deadline)
                return Response(response.status_code, response.headers.get("retry-after"), answer, headers)
        except requests.exceptions.Timeout as error:
            raise LiveTimeout(f"{shown} did not answer in time") from error
        except (requests.exceptions.InvalidSchema, requests.exceptions.InvalidURL):
            # Our own address was checked before. Without a cause, which shows the proxy and its password.
            raise ConfigurationError(
                "the proxy that the environment names cannot be used: expected http://, https://,"
                " or, with pip install 'requests[socks]', socks5://"
            ) from None
        except (requests.exceptions.RequestException, UnicodeError) as error:
            reason = _reason(error)
            raise HandshakeError(f"{shown} cannot be reached: {reason}{advice(error)}") from error
        finally:
            _query.reset(token)

    def close(self) -> None:
        """Closes the connections that are kept."""
        self._session.close()


class _Adapter(HTTPAdapter):
    """Leaves verification to one context: requests would add certifi's authorities to it."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        self._lock = threading.Lock()
        super().__init__()

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **options, ssl_context=self._context)
        _discreet(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        with self._lock:  # nobody may get a new one before it is discreet
            known = proxy in self.proxy_manager
            manager = super().proxy_manager_for(proxy, **options, ssl_context=self._context)
            return manager if known else _discreet(manager)

    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, verify: Any, cert: Any = None
    ) -> tuple[Any, Any]:
        host, _ = super().build_connection_pool_key_attributes(request, verify, cert)
        return host, {}

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        pass


def _discreet(manager: Any) -> Any:
    """Has a manager of urllib3 make connections that keep their secrets, of whatever kind it makes."""
    manager.pool_classes_by_scheme = {
        scheme: type(
            pool.__name__,
            (pool,),
            {"ConnectionCls": type(pool.ConnectionCls.__name__, (_Discreet, pool.ConnectionCls), {})},
        )
        for scheme, pool in manager.pool_classes_by_scheme.items()
    }
    return manager


class _Discreet:
    """Sends the query of the address, which the pool would log, and heeds no debug level of http.client."""

    debuglevel = 0

    def putrequest(self, method: str, url: str, *arguments: Any, **options: Any) -> None:
        super().putrequest(method, url + _query.get(), *arguments, **options)  # type: ignore[misc]


def _reason(error: Exception) -> object:
    """What requests wraps: its own text speaks of retries that it does not make."""
    return getattr(error.args[0], "reason", error) if error.args else error


def _positive(seconds: float | None) -> float | None:
    """As requests wants it: no time left is a little time."""
    return None if seconds is None else max(seconds, 0.001)


def _read(response: requests.Response, deadline: Deadline) -> bytes:
    body = b""
    for chunk in response.iter_content(_CHUNK_BYTES):
        body += chunk
        if deadline.expired:
            raise LiveTimeout("the service's answer took too long")
        if len(body) > MAX_BODY_BYTES:
            raise ProtocolError(f"the service's answer is larger than {MAX_BODY_BYTES} bytes")
    return body
