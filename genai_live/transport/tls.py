"""The TLS context of a client: built once, on first use, by whichever reader thread dials first."""

from __future__ import annotations

import os
import ssl
import threading

from genai_live import forking
from genai_live.errors import ConfigurationError


class ContextOnce:
    """Builds the context on first use, as loading the certificates takes milliseconds.

    Args:
        given: The user's own context; used as it is.
    """

    def __init__(self, given: ssl.SSLContext | None) -> None:
        self._context = given
        self._lock = threading.Lock()
        forking.register(self)

    def get(self) -> ssl.SSLContext:
        """Returns the context.

        Raises:
            ConfigurationError: A certificate file named by the environment cannot be read.
        """
        with self._lock:
            if self._context is None:
                self._context = _default_context()
            return self._context

    def after_fork_in_child(self) -> None:
        """Makes the lock anew; a built context stays good."""
        self._lock = threading.Lock()


def _default_context() -> ssl.SSLContext:
    """Trusts what requests would: the environment's bundle, else certifi's."""
    variable = next((name for name in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE") if os.environ.get(name)), None)
    if variable is None:
        import certifi  # noqa: PLC0415 - comes with requests; not needed for ws:// or a context of one's own

        return ssl.create_default_context(cafile=certifi.where())
    path = os.environ[variable]
    try:
        if os.path.isdir(path):
            return ssl.create_default_context(capath=path)
        return ssl.create_default_context(cafile=path)
    except OSError as error:
        raise ConfigurationError(
            f"no certificates can be read from {path!r}: {error}", where=variable
        ) from error
