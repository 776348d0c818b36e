"""The emulator's public face. Any thread may use it; the server runs in a thread of its own."""

from __future__ import annotations

import asyncio
import ipaddress
import math
import os
import ssl
import threading
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Future, wait
from types import TracebackType
from typing import Any, TypeVar

import trustme

from genai_live.emulator.answers import Responder, go_away
from genai_live.emulator.echo import Echo
from genai_live.emulator.profiles import PROFILES
from genai_live.emulator.recording import Connection, Recorder
from genai_live.emulator.resumption import Sessions
from genai_live.emulator.script import load_script
from genai_live.emulator.scripted import ScenarioMismatch
from genai_live.emulator.server import Server
from genai_live.errors import ConfigurationError, LiveError, LiveTimeout, StateError

_T = TypeVar("_T")

_STOP_SECONDS = 10.0


class Emulator:
    """A local server that behaves as the Live API does, for tests and for trying things out.

    It is a context manager: it serves inside the ``with`` block. It converses in text and voice: it says back
    what it was told, follows a scenario, or plays a recording.

    Args:
        tls: Whether to serve TLS, with a certificate that is made on the fly.
        script: The path of a scenario in YAML or JSON, or what such a file holds; None to echo. Each
            session plays it from its start.
        profile: The family of models that every model behaves as: ``2.0``, ``2.5``, ``3.1``, ``3.8``,
            ``transcribe`` or ``vertex-2.5``. None: the family that its name tells.
        api_keys: The API keys that are good. None: every key is, but there must be one.
        time_scale: What every pause is multiplied by; 0 for no pauses.
        host: Where to listen: a loopback address, or ``localhost``.
        port: Likewise; 0 for any free port.
        allow_remote: Whether to listen on other addresses too. The emulator is made for tests: whoever
            reaches it can talk to it.

    Raises:
        ConfigurationError: An argument cannot be used, or the scenario is malformed; says where.
    """

    def __init__(
        self,
        *,
        tls: bool = False,
        script: str | os.PathLike[str] | Mapping[str, Any] | None = None,
        profile: str | None = None,
        api_keys: Collection[str] | None = None,
        time_scale: float = 1.0,
        host: str = "127.0.0.1",
        port: int = 0,
        allow_remote: bool = False,
    ) -> None:
        if not allow_remote and not _is_loopback(host):
            raise ConfigurationError(
                f"{host!r} can be reached from other machines; use 127.0.0.1, or allow_remote=True",
                where="host",
            )
        if not 0 <= time_scale < float("inf"):
            raise ConfigurationError("must be 0 or more", where="time_scale")
        if not 0 <= port <= 65535:
            raise ConfigurationError("must be between 0 and 65535", where="port")
        if isinstance(api_keys, str):
            raise ConfigurationError("must be a list of keys, not one key", where="api_keys")
        if profile is not None and profile not in PROFILES:
            raise ConfigurationError(f"{profile!r} is none of {', '.join(PROFILES)}", where="profile")
        self._host = host
        self._port = port
        self._tls = tls
        self._api_keys = None if api_keys is None else frozenset(api_keys)
        self._time_scale = time_scale
        self._profile = PROFILES[profile] if profile else None
        self._make_responder: Callable[[], Responder] = Echo
        if script is not None:
            self._make_responder = load_script(script)
        self._recorder = Recorder()
        self._sessions = Sessions()
        self._ssl_context: ssl.SSLContext | None = None
        self._bound_port: int | None = None
        self._thread: threading.Thread | None = None
        self._server: Server | None = None

    @property
    def url(self) -> str:
        """The base URL for clients, such as ``http://127.0.0.1:40123``, or ``https://…`` with TLS.

        Raises:
            StateError: The emulator has not been started.
        """
        if self._bound_port is None:
            raise StateError("the emulator has no address before it is started")
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self._host, self._host)  # noqa: S104 - a client's view
        shown = f"[{host}]" if ":" in host else host
        return f"http{'s' if self._tls else ''}://{shown}:{self._bound_port}"

    @property
    def ssl_context(self) -> ssl.SSLContext | None:
        """A context for clients that trusts the emulator's certificate and no other; None without TLS.

        Raises:
            StateError: The emulator has not been started.
        """
        if self._bound_port is None:
            raise StateError("the emulator has no certificate before it is started")
        return self._ssl_context

    @property
    def connections(self) -> tuple[Connection, ...]:
        """Every connection so far, in the order in which they came, closed ones too."""
        return self._recorder.connections

    @property
    def mismatches(self) -> tuple[str, ...]:
        """Where clients did not do what the scenario expected, in words."""
        return self._recorder.mismatches

    def wait_until(self, condition: Callable[[], _T], timeout: float = 5.0) -> _T:
        """Wait until a condition over what the emulator has seen holds.

        Args:
            condition: Is called whenever something was recorded, such as
                ``lambda: emulator.connections[0].close_code == 1000``.
            timeout: Seconds.

        Returns:
            What the condition returned.

        Raises:
            LiveTimeout: It did not hold in time.
        """
        return self._recorder.wait_until(condition, timeout)

    def drop_connections(self) -> None:
        """End every open connection without a close frame, as a broken network does.

        Returns once that has been asked for: ``wait_until`` tells when a connection has ended.
        """
        if self._server:
            self._server.drop_connections()

    def send_go_away(self, time_left: float) -> None:
        """Send goAway on every open connection whose setup has come. Nothing follows it by itself.

        Args:
            time_left: The seconds that it announces, whatever the time scale is.

        Raises:
            ConfigurationError: There is no such time.
        """
        if not 0 <= time_left < math.inf:
            raise ConfigurationError("must be 0 or more", where="time_left")
        if self._server:
            self._server.send(go_away(time_left))

    def forget_sessions(self) -> None:
        """Let every resumption handle expire, as the service does after two hours or more.

        A connection that is open goes on, and gives new handles where its model does.
        """
        self._sessions.forget()

    def start(self) -> Emulator:
        """Start serving; return once connections are taken.

        Raises:
            ConfigurationError: The port cannot be had.
            StateError: The emulator has been started already.
        """
        if self._thread:
            raise StateError("the emulator has been started already")
        server = self._server = Server(
            self._host,
            self._port,
            tls=self._make_certificate() if self._tls else None,
            profile=self._profile,
            make_responder=self._make_responder,
            api_keys=self._api_keys,
            time_scale=self._time_scale,
            sessions=self._sessions,
            recorder=self._recorder,
        )
        listening: Future[int] = Future()
        self._thread = threading.Thread(
            target=_serve, args=(server, listening, self._recorder), name="genai-live emulator", daemon=True
        )
        self._thread.start()
        try:
            self._bound_port = listening.result()
        except OSError as error:
            self._thread.join()
            self._thread = None
            raise ConfigurationError(
                f"cannot listen on {self._host}, port {self._port}: {error.strerror}", where="port"
            ) from error
        except BaseException:
            # Interrupted: the server can be told to stop once it listens.
            wait((listening,), _STOP_SECONDS)
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Close every connection with code 1001, and stop serving. Takes a few seconds at most.

        What was recorded stays, and so do the sessions. Does nothing if the emulator is not serving.

        Raises:
            LiveError: A fault of the emulator itself ended a connection; it is the ``__cause__``.
        """
        thread, self._thread = self._thread, None
        if thread is None or self._server is None:
            return
        self._server.stop()
        thread.join(_STOP_SECONDS)
        if thread.is_alive():
            raise LiveTimeout(f"the emulator has not stopped within {_STOP_SECONDS:g} s")
        if failures := self._recorder.failures:
            raise LiveError(f"the emulator failed: {failures[0]!r}") from failures[0]

    def __enter__(self) -> Emulator:
        return self.start()

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stop.

        Raises:
            ScenarioMismatch: A client did not do what the scenario expected, and the block raised nothing.
        """
        self.stop()
        if exc_type is None and self.mismatches:
            raise ScenarioMismatch("; ".join(self.mismatches))

    def __repr__(self) -> str:
        return f"<Emulator {self.url if self._thread else 'not serving'}>"

    def _make_certificate(self) -> ssl.SSLContext:
        authority = trustme.CA()
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(*{"localhost", "127.0.0.1", "::1", self._host}).configure_cert(server)
        self._ssl_context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        authority.configure_trust(self._ssl_context)
        return server


def _serve(server: Server, listening: Future[int], recorder: Recorder) -> None:
    try:
        asyncio.run(server.serve(listening.set_result))
    except Exception as error:
        if listening.done():
            recorder.add_failure(error)
        else:
            listening.set_exception(error)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
