"""SOCKS 4 and 5 by socksio, which only turns bytes into bytes. Runs in the reader thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from socksio import SOCKSError, socks4, socks5

from genai_live.errors import HandshakeError
from genai_live.transport.exchange import Exchange


def open_socks_tunnel(
    exchange: Exchange, scheme: str, credentials: tuple[str, str], host: str, port: int
) -> None:
    """Has the SOCKS proxy connect to the host.

    Raises:
        HandshakeError: The proxy refused, or does not speak SOCKS.
    """
    username, password = (part.encode() for part in credentials)
    try:
        if scheme.startswith("socks4"):
            _open_socks4(exchange, scheme, username, host, port)
        else:
            _open_socks5(exchange, username, password, host, port)
    except SOCKSError as error:
        raise HandshakeError(f"the SOCKS proxy refused, or broke its protocol: {error}") from error


def _open_socks4(exchange: Exchange, scheme: str, username: bytes, host: str, port: int) -> None:
    kind = socks4.SOCKS4ARequest if scheme == "socks4a" else socks4.SOCKS4Request
    # socksio takes an empty user for a missing one.
    connection = socks4.SOCKS4Connection(user_id=username or b"-")
    connection.send(kind.from_address(socks4.SOCKS4Command.CONNECT, (host, port)))
    exchange.send(memoryview(connection.data_to_send()))
    reply = connection.receive_data(exchange.receive_exactly(8))
    if reply.reply_code != socks4.SOCKS4ReplyCode.REQUEST_GRANTED:
        raise SOCKSError(reply.reply_code.name)


def _open_socks5(exchange: Exchange, username: bytes, password: bytes, host: str, port: int) -> None:
    connection = socks5.SOCKS5Connection()

    def ask(request: Any, reply_bytes: Callable[[], bytes]) -> Any:
        connection.send(request)
        exchange.send(memoryview(connection.data_to_send()))
        return connection.receive_data(reply_bytes())

    methods = [socks5.SOCKS5AuthMethod.NO_AUTH_REQUIRED]
    if username:
        methods.append(socks5.SOCKS5AuthMethod.USERNAME_PASSWORD)
    chosen = ask(socks5.SOCKS5AuthMethodsRequest(methods), lambda: exchange.receive_exactly(2)).method
    if chosen not in methods:
        raise SOCKSError(chosen.name)
    if chosen == socks5.SOCKS5AuthMethod.USERNAME_PASSWORD:
        request = socks5.SOCKS5UsernamePasswordRequest(username, password)
        if not ask(request, lambda: exchange.receive_exactly(2)).success:
            raise SOCKSError("the name or password is wrong")
    command = socks5.SOCKS5CommandRequest.from_address(socks5.SOCKS5Command.CONNECT, (host, port))
    reply = ask(command, lambda: _command_reply(exchange))
    if reply.reply_code != socks5.SOCKS5ReplyCode.SUCCEEDED:
        raise SOCKSError(reply.reply_code.name)


def _command_reply(exchange: Exchange) -> bytes:
    """One whole reply: its length hangs on the kind of address in it (RFC 1928, section 6)."""
    beginning = exchange.receive_exactly(5)
    kind, first = beginning[3], beginning[4]
    address_bytes = {1: 4, 3: 1 + first, 4: 16}.get(kind)
    if address_bytes is None:
        raise SOCKSError(f"unknown kind of address: {kind}")
    return beginning + exchange.receive_exactly(address_bytes - 1 + 2)
