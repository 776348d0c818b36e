"""The service of the soak: asyncio, in a process of its own, so that it disturbs the client little.

It speaks WebSocket by itself, as it must be able to end a connection in every way, and to say exactly what it
has heard. Conversations outlive connections; see `conversation`.
"""

import asyncio
import base64
import collections
import contextlib
import hashlib
import json
import logging
import random
import ssl
import struct
import time
import traceback
from multiprocessing.connection import Connection
from typing import Any

from tests.certificates import authority_pem, server_context
from tests.raw_server import BINARY, CLOSE, PING, PONG, close_frame, frame
from tests.soak.conversation import Conversation, Visit
from tests.soak.plan import SESSION_HEADER, SPEECH_SECONDS, plan_of

_NEWS_SECONDS = 1.2
_ABORTED = (
    "Connection aborted because the client failed to close the connection after receiving a GoAway signal"
    " once the session durat"
)
_CLOSES = (
    (1011, "Internal error encountered."),
    (1011, "The service is currently unavailable."),
    (1008, "The operation was aborted."),
    (1012, ""),
)
_SPEECH = json.dumps(
    {
        "serverContent": {
            "modelTurn": {
                "role": "model",
                "parts": [
                    {
                        "inlineData": {
                            "mimeType": "audio/pcm;rate=24000",
                            "data": base64.b64encode(bytes(1920)).decode(),
                        }
                    }
                ],
            }
        }
    }
)[:-1]
"""40 ms of the model's voice; only the numbers are missing."""


class Service:
    """All conversations, and how they are disturbed.

    Args:
        seed: Of every decision.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self.conversations: dict[int, Conversation] = {}
        self.faults: collections.Counter[str] = collections.Counter()
        self.problems: list[str] = []
        self.calm = False
        self.dooms = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, from the upgrade to its end."""
        peer = _Peer(reader, writer)
        try:
            await self._serve(peer)
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError, TimeoutError):
            peer.abort()  # the network's doing, or the client's: it may go whenever it likes
        except Exception:
            peer.abort()
            self.problems.append(f"the service failed: {traceback.format_exc()}")
        finally:
            writer.close()

    async def _serve(self, peer: "_Peer") -> None:
        headers = await peer.read_request()
        number = int(headers[SESSION_HEADER])
        conversation = self.conversations.get(number)
        if conversation is None:
            random_here = random.Random(f"{self._seed}/service/{number}")
            conversation = self.conversations[number] = Conversation(plan_of(number), random_here)
        if self._refuses(conversation, 0.08):
            self.faults["503 at the upgrade"] += 1
            retry = conversation.random.choice(["", "Retry-After: 1\r\n"])
            peer.write(f"HTTP/1.1 503 Service Unavailable\r\n{retry}Content-Length: 0\r\n\r\n".encode())
            return
        peer.upgrade(headers)
        setup = json.loads((await peer.read_frame())[1])["setup"]
        if self._refuses(conversation, 0.12):
            self.faults["1011 at the setup"] += 1
            peer.write(close_frame(1011, "Internal error encountered."))
            await peer.read_to_end()
            return
        conversation.refusals = 0
        visit = conversation.admit(setup.get("sessionResumption", {}).get("handle"))
        if visit is None:
            peer.write(close_frame(1008, "BidiGenerateContent session not found"))
            await peer.read_to_end()
            return
        await _Connection(self, peer, conversation, visit).serve()

    def _refuses(self, conversation: Conversation, chance: float) -> bool:
        """Whether it refuses a resumption for the moment; not more than twice in a row."""
        if self.calm or not conversation.visits or conversation.refusals >= 2:
            return False
        refuses = conversation.random.random() < chance
        conversation.refusals += refuses
        return refuses


class _Peer:
    """A client's connection: bytes and frames."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def read_request(self) -> dict[str, str]:
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        lines = (line.partition(":") for line in head.split("\r\n")[1:] if line)
        return {name.lower(): value.strip() for name, _, value in lines}

    def upgrade(self, headers: dict[str, str]) -> None:
        key = headers["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        accept = base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()
        self.write(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Accept: {accept}\r\n\r\n".encode()
        )

    async def read_frame(self) -> tuple[int, bytes]:
        first, second = await self._reader.readexactly(2)
        size = second & 0x7F
        if size == 126:
            (size,) = struct.unpack("!H", await self._reader.readexactly(2))
        elif size == 127:
            (size,) = struct.unpack("!Q", await self._reader.readexactly(8))
        mask = await self._reader.readexactly(4)
        data = await self._reader.readexactly(size)
        whole = (mask * (size // 4 + 1))[:size]
        return first & 0x0F, (int.from_bytes(data, "big") ^ int.from_bytes(whole, "big")).to_bytes(
            size, "big"
        )

    async def read_to_end(self) -> None:
        while await self._reader.read(65536):
            pass

    def write(self, data: bytes) -> None:
        self._writer.write(data)

    async def drain(self) -> None:
        await self._writer.drain()

    def abort(self) -> None:
        self._writer.transport.abort()

    def end(self) -> None:
        self._writer.close()


class _Connection:
    """A conversation on one connection."""

    def __init__(self, service: Service, peer: _Peer, conversation: Conversation, visit: Visit) -> None:
        self._service = service
        self._peer = peer
        self._conversation = conversation
        self._visit = visit
        self._random = conversation.random
        self._asked: int | None = None
        """The question whose turn is open on this connection."""
        self._turn: asyncio.Task[None] | None = None
        self._closed = False
        """Whether our close frame is out: what comes after it is not heard."""

    async def serve(self) -> None:
        """Until it ends."""
        earlier, self._conversation.end_connection = self._conversation.end_connection, self._peer.abort
        if earlier is not None:
            earlier()
        self._peer.write(frame(BINARY, b'{\n  "setupComplete": {}\n}\n'))
        tasks = [asyncio.create_task(self._doom()), asyncio.create_task(self._give_news())]
        self._give_handle()
        try:
            await self._listen()
        finally:
            self._visit.ended_at = time.monotonic()
            for task in filter(None, (*tasks, self._turn)):
                task.cancel()
            if self._conversation.visits[-1] is self._visit:
                self._conversation.end_connection = None

    async def _listen(self) -> None:
        while True:
            opcode, payload = await self._peer.read_frame()
            if opcode == PING:
                self._peer.write(frame(PONG, payload))
            elif opcode == CLOSE:
                if self._closed:
                    self._visit.read_to_the_end = True
                else:
                    self._visit.left = self._closed = True
                    self._silence()
                    self._peer.write(frame(CLOSE, payload[:2]))
                    await self._peer.drain()
                return
            elif not self._closed and self._conversation.visits[-1] is self._visit:
                await self._hear(json.loads(payload))

    async def _hear(self, message: dict[str, Any]) -> None:
        kind, number = self._conversation.heard(self._visit, message)
        if kind == "question":
            self._interrupt()
            self._conversation.moved_on()
            self._begin(number, self._answer(number))
        elif kind == "response":
            answered = self._conversation.answered(message)
            if answered is not None and (self._turn is None or self._turn.done()):
                self._begin(answered, self._speak(answered))
                if self._conversation.plan.handles == "recurring":
                    self._give_handle()

    def _begin(self, question: int, turn: Any) -> None:
        self._asked = question
        self._turn = asyncio.create_task(turn)

    def _interrupt(self) -> None:
        """A question came into an open turn."""
        if self._asked is None:
            return
        self._silence()
        if self._conversation.pending is not None:
            self._say({"toolCallCancellation": {"ids": [self._conversation.pending.call_id]}})
        self._say({"serverContent": {"interrupted": True}})
        self._say({"serverContent": {"turnComplete": True}})
        self._asked = None

    def _silence(self) -> None:
        if self._turn is not None:
            self._turn.cancel()

    # -- what the model does -----------------------------------------------------------------------------

    async def _answer(self, question: int) -> None:
        await asyncio.sleep(self._random.uniform(0.02, 0.4))
        if self._conversation.may_call and self._random.random() < 0.25:
            call = {"name": "look_up", "args": {}, "id": self._conversation.call(question)}
            self._say({"toolCall": {"functionCalls": [call]}})
        else:
            await self._speak(question)

    async def _speak(self, question: int) -> None:
        due = time.monotonic()
        for _ in range(self._random.randint(25, 75)):
            numbers = json.dumps(self._numbers())
            self._peer.write(frame(BINARY, f'{_SPEECH}, "usageMetadata": {numbers}}}\n'.encode()))
            await self._peer.drain()
            due += SPEECH_SECONDS
            await asyncio.sleep(due - time.monotonic())
        self._say({"serverContent": {"generationComplete": True}})
        self._say({"serverContent": {"turnComplete": True}})
        self._asked = None
        self._conversation.moved_on()
        if self._conversation.plan.handles != "once":
            self._give_handle()

    def _numbers(self) -> dict[str, int]:
        """Which message it is, and to which question it belongs."""
        return {
            "totalTokenCount": self._conversation.next_number(self._visit),
            "responseTokenCount": self._asked or 0,
        }

    def _say(self, content: dict[str, Any]) -> None:
        text = json.dumps({**content, "usageMetadata": self._numbers()}, indent=2)
        self._peer.write(frame(BINARY, f"{text}\n".encode()))

    def _give_handle(self) -> None:
        if not self._closed:
            self._say({"sessionResumptionUpdate": self._conversation.new_handle(self._visit)})

    async def _give_news(self) -> None:
        """Handles again and again, or frames with nothing in them, as either model does."""
        while not self._closed:
            await asyncio.sleep(_NEWS_SECONDS)
            if self._conversation.plan.handles != "once":
                self._give_handle()
            elif not self._closed:
                self._say({"serverContent": {}})

    # -- how it ends -------------------------------------------------------------------------------------

    async def _doom(self) -> None:
        await asyncio.sleep(self._random.uniform(5, 15))
        if self._service.calm:
            return
        self._service.dooms += 1
        try:
            await self._random.choice([self._close, self._drop, self._go_away, self._go_away])()
        finally:
            self._service.dooms -= 1

    async def _close(self, code: int | None = None, reason: str = "") -> None:
        if code is None:
            code, reason = self._random.choice(_CLOSES)
            self._service.faults[f"closed with {code}"] += 1
        if not self._closed:
            self._closed = True
            self._silence()
            self._peer.write(close_frame(code, reason))

    async def _drop(self) -> None:
        self._closed = True
        self._silence()
        if self._random.random() < 0.5:
            self._service.faults["dropped with a FIN"] += 1
            self._peer.end()
        else:
            self._service.faults["dropped with a RST"] += 1
            self._peer.abort()

    async def _go_away(self) -> None:
        left = self._random.uniform(1.5, 4)
        keeps = self._random.random() < 0.6
        self._service.faults[f"goAway, promise {'kept' if keeps else 'broken'}"] += 1
        self._say({"goAway": {"timeLeft": f"{left:.3f}s"}})
        await asyncio.sleep(left if keeps else left * self._random.uniform(0, 0.4))
        if self._closed:
            return
        if keeps:
            await self._close(1008, _ABORTED)
        else:
            self._closed = True
            self._silence()
            self._peer.abort()


async def _run(connection: Connection, seed: int) -> None:
    service = Service(seed)
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda loop, context: None)  # what the faults do to TLS is no news
    server = await asyncio.start_server(service.serve, "127.0.0.1", 0, ssl=server_context(), backlog=200)
    connection.send((server.sockets[0].getsockname()[1], authority_pem().decode()))
    while (command := await loop.run_in_executor(None, connection.recv)) != "report":
        assert command == "calm"
        service.calm = True
        while service.dooms:
            await asyncio.sleep(0.05)
        connection.send("calm")
    connection.send(
        {
            "conversations": {
                number: conversation.report() for number, conversation in service.conversations.items()
            },
            "faults": dict(service.faults),
            "problems": service.problems,
            "cpu": time.process_time(),
        }
    )
    server.close()


def run(connection: Connection, seed: int) -> None:
    """The process."""
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    with contextlib.suppress(EOFError, KeyboardInterrupt):  # the program is gone
        asyncio.run(_run(connection, seed))
