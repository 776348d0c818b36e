"""Credentials for the upgrade request. ``headers`` may block, so sessions call it on a helper thread.

requests and google-auth are imported where they are used: they are half of the import time of everything.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from genai_live.errors import AuthenticationError, ConfigurationError

if TYPE_CHECKING:
    import google.auth.credentials

CLOUD_PLATFORM_SCOPE = "https://www.googleapis.com/auth/cloud-platform"


class Auth(Protocol):
    """Signs requests in. Make one of your own where the given ones do not fit."""

    def headers(self, url: str, *, timeout: float | None) -> Mapping[str, str]:
        """Returns the headers that sign in a request; called for each connection.

        Args:
            url: What will be connected to.
            timeout: Seconds that it may take, or None for no limit.

        Raises:
            AuthenticationError: The credentials cannot be had.
        """
        ...


class ApiKeyAuth:
    """An API key, in a header and never in the URL, where logs would show it.

    Args:
        api_key: The key. Spaces around it are dropped.

    Raises:
        ConfigurationError: It is empty, or holds what no header can.
    """

    def __init__(self, api_key: str) -> None:
        key = api_key.strip()
        if not key or not key.isascii() or not key.isprintable():
            raise ConfigurationError(
                "expected a non-empty key of printable ASCII characters", where="api_key"
            )
        self._headers = {"x-goog-api-key": key}

    def headers(self, url: str, *, timeout: float | None) -> Mapping[str, str]:  # noqa: ARG002
        """See Auth."""
        return self._headers

    def __repr__(self) -> str:
        return "ApiKeyAuth(api_key=…)"


class GoogleAuth:
    """Credentials of google-auth, refreshed when they have expired.

    Args:
        credentials: By default the application default credentials, looked for on first use.
    """

    def __init__(self, credentials: google.auth.credentials.Credentials | None = None) -> None:
        self._credentials = credentials

    def headers(self, url: str, *, timeout: float | None) -> Mapping[str, str]:  # noqa: ARG002
        """See Auth."""
        import google.auth  # noqa: PLC0415
        import google.auth.exceptions  # noqa: PLC0415

        try:
            if self._credentials is None:
                self._credentials, _ = google.auth.default(scopes=[CLOUD_PLATFORM_SCOPE])
            if not self._credentials.valid:
                self._refresh(self._credentials, timeout)
        except google.auth.exceptions.GoogleAuthError as error:
            raise AuthenticationError(f"google-auth gave no credentials: {error}") from error
        return {"authorization": f"Bearer {self._credentials.token}"}

    def _refresh(self, credentials: google.auth.credentials.Credentials, timeout: float | None) -> None:
        import google.auth.transport.requests  # noqa: PLC0415

        request = google.auth.transport.requests.Request()

        def limited(*arguments: object, **options: object) -> object:
            if timeout is not None:
                options["timeout"] = timeout
            return request(*arguments, **options)

        credentials.refresh(limited)  # type: ignore[no-untyped-call]

    def __repr__(self) -> str:
        return "GoogleAuth()"
