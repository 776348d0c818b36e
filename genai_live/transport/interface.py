"""What the layers above need of a connection: a small interface, so that it can be replaced.

One reader thread calls ``connect``, ``receive``, ``ping`` and ``dispose``, and whoever consumes what comes
``stand_in``; any thread calls the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol


class TransportClosed(Exception):  # a close is not always an error
    """The connection has ended. Internal: mapped to ``ConnectionClosed`` by the session's protocol.

    Attributes:
        code: The code of the peer's close frame, 1005 if it had none, 1006 if there was no close frame.
        reason: The reason text of the close frame, or what broke.
    """

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"{code} {reason}".rstrip())
        self.code = code
        self.reason = reason


class Transport(Protocol):
    """One WebSocket connection, from its dial to its end.

    Attributes:
        received_bytes: How many have come so far; whatever comes shows that the peer lives.
    """

    received_bytes: int

    def connect(self) -> None:
        """Dials and upgrades, within the timeout that the factory was given.

        Raises:
            HandshakeError: It could not be connected, or the upgrade was refused.
            LiveTimeout: The time was up.
            TransportClosed: ``abort`` was called.
        """
        ...

    def receive(
        self,
        timeout: float | None = None,
        *,
        paused: bool = False,
        before_waiting: Callable[[], None] | None = None,
        handle: Callable[[bytes | str], bool] | None = None,
    ) -> bytes | str | None:
        """Returns the next whole message, or None when woken or when ``timeout`` seconds have passed.

        Args:
            timeout: Seconds to wait, or None for no limit.
            paused: Read nothing, unless a ``send`` waits for room: the peer may be waiting for us too.
            before_waiting: Must be called before it waits for anything: it hands on what came so far.
            handle: Gets each message, so that none is returned, until it returns False; then None is.

        Raises:
            TransportClosed: The connection has ended.
            ProtocolError: The peer broke the WebSocket protocol, or a message is over the bound.
        """
        ...

    def stand_in(
        self,
        handle: Callable[[bytes | str], bool],
        timeout: float | None = None,
        *,
        unless: Callable[[], bool],
    ) -> bool:
        """Waits and reads in the caller's thread, if another one waits for a message in ``receive``.

        That spares waking the other thread for each message, only for it to wake this one. A transport that
        cannot do it returns False.

        Args:
            handle: Gets each message. False: the other thread is to go on.
            timeout: Seconds to wait for the first message, or None for no limit.
            unless: Asked when the place is taken: whether there is nothing to wait for any more.

        Returns:
            Whether anything was read. False at once if no thread waits in ``receive``, and when that one is
            wanted: ``wake`` and the end of the connection are for it. What goes wrong here, in `handle` as
            well, ``receive`` raises there.
        """
        ...

    def send(self, payload: bytes, timeout: float | None = None) -> None:
        """Writes one text message. Returns once the operating system has taken all of it.

        Raises:
            LiveTimeout: Nothing, or not all, could be written in time. If anything was, the connection ends.
            TransportClosed: The connection has ended, or is closing.
        """
        ...

    def close(self, code: int, reason: str) -> None:
        """Asks for a close frame to be sent as soon as the current message is out; does not wait."""
        ...

    def ping(self) -> None:
        """Asks for a ping frame to be sent as soon as the current message is out; does not wait."""
        ...

    def wake(self) -> None:
        """Makes the current or next ``receive`` return None. Takes no lock that user code can hold."""
        ...

    def abort(self) -> None:
        """Ends the connection now; everything that waits in it raises TransportClosed."""
        ...

    def dispose(self) -> None:
        """Frees the descriptors, after ``abort`` or the end; waits for writers to have left."""
        ...

    def abandon_after_fork(self) -> None:
        """Closes the descriptors in a forked child, writing nothing."""
        ...


class WebSocketFactory(Protocol):
    """Makes the connections of a client. Replace it to reach the service in another way."""

    def __call__(self, url: str, headers: Mapping[str, str], *, timeout: float | None) -> Transport:
        """Returns a transport that is not connected yet.

        Args:
            url: A ``ws://`` or ``wss://`` address.
            headers: Headers of the upgrade request, credentials included.
            timeout: Seconds that ``connect`` of the transport may take, counted from now.
        """
        ...
