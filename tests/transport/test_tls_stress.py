"""Dense traffic over real TLS: one reader and three writers on each connection.

Both tests fail when the locks are taken out; docs/decisions/transport.md has the figures.
"""

import asyncio
import contextlib
import ssl
import threading
from collections.abc import Iterator

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from genai_live.transport import TransportClosed, WebSocketClientFactory
from tests.certificates import client_context, server_context
from tests.timing import SOON, scaled

CONNECTIONS = 80
WRITERS = 3
MESSAGES = 60
_FILLINGS = [b"x" * size for size in (200, 3_000, 16_000, 120_000)]
"""From a transcription's fragment to an image: the large ones keep OpenSSL busy, and fill the socket."""


def _filling(number: int) -> bytes:
    return _FILLINGS[number % len(_FILLINGS)]


class TwoInside(AssertionError):
    """Two threads were inside OpenSSL on one connection."""


class WatchedSocket(ssl.SSLSocket):
    """Fails when a second thread enters OpenSSL while one is inside."""

    _inside: str | None = None
    collisions = 0

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        here = threading.current_thread().name
        if self._inside is not None:
            type(self).collisions += 1
            raise TwoInside(f"{here} came in while {self._inside} was inside")
        self._inside = here
        try:
            yield
        finally:
            self._inside = None

    def recv(self, *arguments):
        with self._alone():
            return super().recv(*arguments)

    def send(self, *arguments):
        with self._alone():
            return super().send(*arguments)


class DenseServer:
    """Sends numbered messages as fast as it can, and collects what the client sends."""

    def __init__(self) -> None:
        self.received: dict[str, list[bytes]] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="dense server")
        self._ready = threading.Event()
        self._stop = asyncio.Event()
        self.port = 0

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        async with serve(self._converse, "127.0.0.1", 0, ssl=server_context(), compression=None) as server:
            self.port = server.sockets[0].getsockname()[1]
            self._ready.set()
            await self._stop.wait()

    async def _converse(self, connection: ServerConnection) -> None:
        mine = self.received.setdefault(connection.request.path, [])
        sending = asyncio.create_task(self._send(connection))
        with contextlib.suppress(ConnectionClosed):
            while len(mine) < WRITERS * MESSAGES:
                mine.append(await connection.recv(decode=False))
        with contextlib.suppress(ConnectionClosed):
            await sending

    async def _send(self, connection: ServerConnection) -> None:
        for number in range(MESSAGES):
            await connection.send(b"%d " % number + _filling(number))
            if number % 10 == 0:
                await connection.ping()

    def __enter__(self) -> "DenseServer":
        self._thread.start()
        assert self._ready.wait(SOON)
        return self

    def __exit__(self, *exception: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(SOON)


class Client:
    """One reader and three writers on one connection, all starting together."""

    def __init__(self, factory: WebSocketClientFactory, server: DenseServer, name: str) -> None:
        self._transport = factory(f"wss://localhost:{server.port}/{name}", {}, timeout=scaled(30))
        self._barrier = threading.Barrier(WRITERS + 1)
        self.numbers: list[int] = []
        self.failures: list[BaseException] = []
        self.threads = [
            threading.Thread(target=self._guarded, args=(self._read,), name="reader"),
            *(
                threading.Thread(target=self._guarded, args=(self._write, writer), name=f"writer {writer}")
                for writer in range(WRITERS)
            ),
        ]

    def start(self) -> None:
        self._transport.connect()
        for thread in self.threads:
            thread.start()

    def finish(self) -> None:
        for thread in self.threads:
            thread.join(scaled(60))
        self._transport.dispose()

    def _guarded(self, work, *arguments) -> None:
        self._barrier.wait(SOON)
        try:
            work(*arguments)
        except (Exception, TwoInside) as error:
            self.failures.append(error)
            self._transport.abort()

    def _read(self) -> None:
        while len(self.numbers) < MESSAGES:
            message = self._transport.receive(scaled(30))
            if message is None:
                raise TimeoutError(f"nothing after message {len(self.numbers)}")
            self.numbers.append(int(message.partition(b" ")[0]))
        with contextlib.suppress(TransportClosed):
            while self._transport.receive(scaled(30)) is not None:
                pass  # until the server, which has everything, closes

    def _write(self, writer: int) -> None:
        for number in range(MESSAGES):
            self._transport.send(b"%d %d " % (writer, number) + _filling(number + writer), scaled(30))


def _run(context: ssl.SSLContext, connections: int, at_once: int) -> None:
    factory = WebSocketClientFactory(context)
    with DenseServer() as server:
        for first in range(0, connections, at_once):
            clients = [Client(factory, server, str(first + number)) for number in range(at_once)]
            for client in clients:
                client.start()
            for client in clients:
                client.finish()
            for number, client in enumerate(clients):
                assert client.failures == []
                assert client.numbers == list(range(MESSAGES))
                _check_received(server.received[f"/{first + number}"])


def _check_received(messages: list[bytes]) -> None:
    by_writer: dict[bytes, list[int]] = {}
    for message in messages:
        writer, number, filling = message.split(b" ")
        assert filling == _filling(int(number) + int(writer))
        by_writer.setdefault(writer, []).append(int(number))
    assert by_writer == {b"%d" % writer: list(range(MESSAGES)) for writer in range(WRITERS)}


def test_dense_connections_lose_nothing():
    """Every message of 80 dense connections arrives once, whole and in order, both ways."""
    _run(client_context(), CONNECTIONS, at_once=8)


@pytest.mark.parametrize("at_once", [1, 4])
def test_no_two_threads_enter_openssl_at_once(at_once):
    """An instrumented socket sees one thread at a time inside OpenSSL."""
    context = client_context()
    context.sslsocket_class = WatchedSocket
    _run(context, 8, at_once=at_once)
    assert WatchedSocket.collisions == 0
