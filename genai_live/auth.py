"""Credentials of each request. ``headers`` may block, so sessions call it on a helper thread.

requests and google-auth are imported where they are used: they are half of the import time of everything.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from genai_live import forking
from genai_live.errors import AuthenticationError, ConfigurationError, LiveTimeout
from genai_live.redaction import SecretHeaders
from genai_live.waiting import Deadline

if TYPE_CHECKING:
    import google.auth.credentials

CLOUD_PLATFORM_SCOPE = "https://www.googleapis.com/auth/cloud-platform"
TOKEN_PREFIX = "auth_tokens/"  # noqa: S105 - what the names of ephemeral tokens begin with


class Auth(Protocol):
    """Signs requests in. Make one of your own where the given ones do not fit."""

    def headers(self, url: str, *, timeout: float | None) -> Mapping[str, str]:
        """Returns the headers that sign in a request; called for each connection.

        Args:
            url: What will be connected to.
            timeout: Seconds that it may take, or None for no limit.

        Raises:
            AuthenticationError: The credentials cannot be had.
            LiveTimeout: They cannot be had in time.
        """
        ...


class FixedAuth:
    """Headers that are at hand, so that nobody has to wait for them."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = SecretHeaders(headers)

    def headers(self, url: str, *, timeout: float | None) -> Mapping[str, str]:  # noqa: ARG002
        """See Auth."""
        return self._headers


class ApiKeyAuth(FixedAuth):
    """An API key, in a header and never in the URL, where logs would show it.

    Args:
        api_key: The key. Spaces around it are dropped.

    Raises:
        ConfigurationError: It is empty, or holds what no header can.
    """

    def __init__(self, api_key: str) -> None:
        super().__init__({"x-goog-api-key": _header_text(api_key)})

    def __repr__(self) -> str:
        return "ApiKeyAuth(api_key=…)"


class TokenAuth(FixedAuth):
    """An ephemeral token, made by ``client.auth_tokens.create``; Gemini API only.

    It is sent as google-genai does, in both headers: so one of them is left where ``http_options`` has an
    Authorization of its own.

    Args:
        token: The token's name, ``auth_tokens/…``. Spaces around it are dropped.

    Raises:
        ConfigurationError: It is not such a name.
    """

    def __init__(self, token: str) -> None:
        name = _header_text(token)
        if not name.startswith(TOKEN_PREFIX):
            raise ConfigurationError("expected the name of a token, auth_tokens/…", where="token")
        super().__init__({"authorization": f"Token {name}", "x-goog-api-key": name})

    def __repr__(self) -> str:
        return "TokenAuth(token=…)"


class NoAuth(FixedAuth):
    """Nothing: for a gateway that signs in by itself, or by a header in ``http_options``."""

    def __init__(self) -> None:
        super().__init__({})

    def __repr__(self) -> str:
        return "NoAuth()"


class GoogleAuth:
    """Credentials of google-auth, refreshed when they have expired or are about to.

    Args:
        credentials: By default the application default credentials, looked for on first use. Those that need
            a scope and have none get that of Google Cloud.

    Raises:
        ConfigurationError: They are something else.
    """

    def __init__(self, credentials: google.auth.credentials.Credentials | None = None) -> None:
        if credentials is not None and not callable(getattr(credentials, "refresh", None)):
            raise ConfigurationError(
                f"expected credentials of google-auth, got {type(credentials).__name__}; a key file is read"
                " by google.oauth2.service_account.Credentials.from_service_account_file",
                where="credentials",
            )
        self._credentials = credentials
        self._ready = False
        self._lock = threading.Lock()  # google-auth does not say that a refresh may meet another one
        forking.register(self)

    def headers(self, url: str, *, timeout: float | None) -> Mapping[str, str]:  # noqa: ARG002
        """See Auth."""
        import google.auth.exceptions  # noqa: PLC0415

        deadline = Deadline(timeout)
        if not self._lock.acquire(timeout=deadline.for_lock()):
            raise LiveTimeout("credentials: another connection is still getting them")
        try:
            credentials = self._valid(_request(deadline))
        except (google.auth.exceptions.GoogleAuthError, OSError) as error:  # OSError: of a key file
            if deadline.expired:
                raise LiveTimeout("credentials: google-auth had none in time") from error
            error.args = error.args[:1]  # what follows is the endpoint's whole answer, which may hold a token
            passing = isinstance(error, google.auth.exceptions.TransportError) or getattr(
                error, "retryable", False
            )
            raise AuthenticationError(f"{self._failure}: {error}", retryable=bool(passing)) from error
        finally:
            self._lock.release()
        if not credentials.token:
            raise AuthenticationError(f"the {type(credentials).__name__} of google-auth have no access token")
        headers = SecretHeaders({"authorization": f"Bearer {credentials.token}"})
        quota_project = getattr(credentials, "quota_project_id", None)
        if quota_project:
            headers["x-goog-user-project"] = quota_project
        return headers

    def _valid(self, request: Callable[..., Any]) -> google.auth.credentials.Credentials:
        import google.auth.credentials  # noqa: PLC0415

        if self._credentials is None:
            self._credentials, _ = google.auth.default(
                scopes=[CLOUD_PLATFORM_SCOPE],
                request=request,  # type: ignore[arg-type]  # a function will do
            )
        if not self._ready:
            self._credentials = google.auth.credentials.with_scopes_if_required(  # type: ignore[no-untyped-call]
                self._credentials, [CLOUD_PLATFORM_SCOPE]
            )
            self._ready = True
        credentials: google.auth.credentials.Credentials = self._credentials
        if not credentials.valid:
            credentials.refresh(request)  # type: ignore[no-untyped-call]
        return credentials

    @property
    def _failure(self) -> str:
        if self._credentials is not None:
            return f"the {type(self._credentials).__name__} of google-auth could not be refreshed"
        path = os.environ.get("GOOGLE_APPLICATION_CREDENTIALS")
        if path:
            return f"no credentials in the file of GOOGLE_APPLICATION_CREDENTIALS, {path!r}"
        return (
            "no application default credentials: GOOGLE_APPLICATION_CREDENTIALS is not set, there is no file"
            " of `gcloud auth application-default login`, and no metadata server of Google Cloud answered; or"
            " give Client(credentials=…)"
        )

    def after_fork_in_child(self) -> None:
        """Makes the lock anew: the thread that may hold it stayed in the parent."""
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return "GoogleAuth()"


def _request(deadline: Deadline) -> Callable[..., Any]:
    """google-auth's way of making requests, held to the deadline."""
    import google.auth.exceptions  # noqa: PLC0415
    import google.auth.transport.requests  # noqa: PLC0415

    request = google.auth.transport.requests.Request()

    def limited(*arguments: Any, **options: Any) -> Any:
        if deadline.expired:
            raise google.auth.exceptions.TransportError("no time is left")  # type: ignore[no-untyped-call]
        remaining = deadline.remaining()
        if remaining is not None:
            options["timeout"] = remaining
        # requests would send a refresh token along to wherever a redirect points.
        options["allow_redirects"] = False
        return request(*arguments, **options)

    return limited


def _header_text(key: str) -> str:
    text = key.strip() if isinstance(key, str) else ""
    if not text or not text.isascii() or not text.isprintable():
        raise ConfigurationError("expected a non-empty key of printable ASCII characters", where="api_key")
    return text
