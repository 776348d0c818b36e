"""Getting through a proxy to the server. Runs in the reader thread, within the dial's deadline."""

from __future__ import annotations

import base64
from urllib.parse import unquote, urlsplit

import attrs

from genai_live.errors import ConfigurationError, HandshakeError
from genai_live.transport.dial import resolve
from genai_live.transport.exchange import Exchange

_DEFAULT_PORTS = {"http": 80, "socks4": 1080, "socks4a": 1080, "socks5": 1080, "socks5h": 1080}


@attrs.frozen
class Proxy:
    """A proxy's address. Its text leaves out the credentials."""

    scheme: str
    host: str
    port: int
    username: str = attrs.field(repr=False)
    password: str = attrs.field(repr=False)

    def __str__(self) -> str:
        return f"{self.scheme}://{self.host}:{self.port}"


def parse_proxy(value: str) -> Proxy:
    """Reads a proxy's URL, as the environment has it.

    Raises:
        ConfigurationError: The URL is broken, or of a kind that is not supported.
    """
    where = "the proxy of the environment"
    try:
        parts = urlsplit(value if "://" in value else f"http://{value}")
        port = parts.port
    except ValueError:
        # Without a cause, which would show a piece of a password that holds a slash.
        raise ConfigurationError("the URL is broken", where=where) from None
    if parts.scheme not in _DEFAULT_PORTS:
        supported = ", ".join(_DEFAULT_PORTS)
        raise ConfigurationError(f"{parts.scheme}:// is not supported; these are: {supported}", where=where)
    if not parts.hostname:
        raise ConfigurationError("the URL has no host", where=where)
    username, password = unquote(parts.username or ""), unquote(parts.password or "")
    return Proxy(parts.scheme, parts.hostname, port or _DEFAULT_PORTS[parts.scheme], username, password)


def open_tunnel(exchange: Exchange, proxy: Proxy, host: str, port: int) -> None:
    """Asks the proxy, to which the exchange's stream is connected, for a way to the server.

    Raises:
        HandshakeError: The proxy refused.
        LiveTimeout: The time was up.
        TransportClosed: Interrupted.
        ConfigurationError: It is a SOCKS proxy, and the ``socks`` extra is not installed.
    """
    if proxy.scheme == "http":
        _open_http_tunnel(exchange, proxy, host, port)
        return
    try:
        from genai_live.transport.socks import open_socks_tunnel  # noqa: PLC0415 - needs an extra
    except ImportError as error:
        message = f"{proxy} needs an extra: pip install 'genai-live[socks]'"
        raise ConfigurationError(message, where="the proxy of the environment") from error
    if proxy.scheme in ("socks4", "socks5"):
        # With an "a" or "h" the name is the proxy's to look up; without, ours.
        host = resolve(host, port, exchange.deadline, exchange.wakeup)[0][4][0]
    open_socks_tunnel(exchange, proxy.scheme, (proxy.username, proxy.password), host, port)


def _open_http_tunnel(exchange: Exchange, proxy: Proxy, host: str, port: int) -> None:
    target = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    exchange.send(memoryview(_connect_request(proxy, target)))
    head = exchange.receive_head()
    if not 200 <= head.status < 300:
        raise HandshakeError(
            f"the proxy {proxy} refused a tunnel to {target}: {head.status} {head.phrase}",
            status=head.status,
            headers=head.headers,
        )


def _connect_request(proxy: Proxy, target: str) -> bytes:
    lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}"]
    if proxy.username:
        credentials = base64.b64encode(f"{proxy.username}:{proxy.password}".encode()).decode()
        lines.append(f"Proxy-Authorization: Basic {credentials}")
    return "\r\n".join([*lines, "", ""]).encode()
