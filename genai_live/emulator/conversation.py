"""One connection, from the upgrade to the close. Runs in the emulator's thread, in its event loop."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Any

from aiohttp import WebSocketError, WSMsgType, web

from genai_live.emulator.answers import Close, Drop, Responder
from genai_live.emulator.endpoints import Endpoint
from genai_live.emulator.json_text import read_json
from genai_live.emulator.music import MusicSession
from genai_live.emulator.profiles import Profile
from genai_live.emulator.recording import Connection, Recorder
from genai_live.emulator.refusal import INTERNAL_ERROR, Refusal, cut_reason
from genai_live.emulator.resumption import Sessions
from genai_live.emulator.scripted import ScenarioMismatch
from genai_live.emulator.session import ModelSession, ReplayedSession, Session
from genai_live.emulator.tokens import EXPIRED_IN_SESSION, Token
from genai_live.emulator.validation import read_client_message

_SETUP_ONCE = "setup must be the first message and only the first"


class Conversation:
    """Reads and checks what the client sends, hands it to the session, and ends the connection.

    Args:
        request: The request that was upgraded.
        socket: The connection that came of it.
        endpoint: The service that it asked for.
        refusal: Why the credentials will not do, or None. The service says so only after the first message
            (protocol notes, 1.4).
        token: The ephemeral token that opens the session, or None.
        profile: How the model behaves; None for its own way.
        responder: Decides what the model answers, unless the session is resumed.
        sessions: The sessions that may be resumed.
        time_scale: What every pause is multiplied by.
        recorder: Is told of what goes wrong.
        connection: Is told of everything else.
    """

    def __init__(
        self,
        request: web.Request,
        socket: web.WebSocketResponse,
        *,
        endpoint: Endpoint,
        refusal: Refusal | None,
        token: Token | None,
        profile: Profile | None,
        responder: Responder,
        sessions: Sessions,
        time_scale: float,
        recorder: Recorder,
        connection: Connection,
    ) -> None:
        self._request = request
        self._socket = socket
        self._endpoint = endpoint
        self._refusal = refusal
        self._token = token
        self._profile = profile
        self._responder = responder
        self._sessions = sessions
        self._time_scale = time_scale
        self._recorder = recorder
        self._connection = connection
        self._ending: asyncio.Future[Close | Drop] = asyncio.get_running_loop().create_future()
        self._session: Session | None = None
        self._expiry: asyncio.TimerHandle | None = None
        self._sending: set[asyncio.Task[None]] = set()

    def end(self, ending: Close | Drop) -> None:
        """Have the conversation end soon, in this way."""
        if not self._ending.done():
            self._ending.set_result(ending)

    def send(self, message: Mapping[str, Any]) -> None:
        """Have a message sent soon, if the setup has come: nothing goes before the answer to it."""
        if self._session:
            task = asyncio.create_task(self._send(self._session, message))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)

    async def hold(self) -> None:
        """Hold the conversation until the connection ends."""
        reading = asyncio.create_task(self._read())
        try:
            events: set[asyncio.Future[Any]] = {reading, self._ending}
            await asyncio.wait(events, return_when=asyncio.FIRST_COMPLETED)
            if reading.done():
                reading.result()
            else:
                # Closed only when nobody reads any more: then aiohttp waits for the client's close frame, and
                # reads away what comes before it. Otherwise the kernel might reset the connection, and the
                # client not see the reason.
                reading.cancel()
                await asyncio.gather(reading, return_exceptions=True)
                await self._end(self._ending.result())
        except Refusal as refusal:
            await self._end(Close(code=refusal.code, reason=refusal.reason))
        except ScenarioMismatch as mismatch:
            self._recorder.add_mismatch(self._connection, str(mismatch))
            await self._end(Close(code=1008, reason=cut_reason(str(mismatch))))
        except ConnectionError:
            self._connection.set_closed("client", 1006, "")
        except Exception as failure:
            self._recorder.add_failure(failure)
            await self._end(Close(code=1011, reason=INTERNAL_ERROR))
        finally:
            if self._expiry:
                self._expiry.cancel()
            for task in self._sending:
                task.cancel()
            if self._session:
                await self._session.stop()

    async def _send(self, session: Session, message: Mapping[str, Any]) -> None:
        # The client has gone: whoever reads from the connection sees how, and records it.
        with contextlib.suppress(ConnectionError):
            await session.send(message)

    async def _end(self, ending: Close | Drop) -> None:
        if self._session:
            await self._session.stop()
        if isinstance(ending, Close):
            self._connection.set_closed("emulator", ending.code, ending.reason)
            await self._socket.close(code=ending.code, message=ending.reason.encode())
        else:
            self._connection.set_closed("emulator", 1006, "")
            if self._request.transport:
                self._request.transport.close()

    async def _read(self) -> None:
        while True:
            frame = await self._socket.receive()
            if frame.type is WSMsgType.CLOSE:
                self._connection.set_closed("client", frame.data or 1005, frame.extra or "")
            elif frame.type is WSMsgType.ERROR and isinstance(frame.data, WebSocketError):
                self._connection.set_closed("emulator", frame.data.code, "")
            elif frame.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                self._connection.set_closed("client", 1006, "")
            else:
                await self._hear(frame.data)
                continue
            return

    async def _hear(self, payload: str | bytes) -> None:
        try:
            value = read_json(payload)
        except Refusal as malformed:
            self._connection.add_received(payload)
            raise self._refusal or malformed from None
        self._connection.add_received(value)
        if self._refusal:
            raise self._refusal
        message = read_client_message(value, self._endpoint)
        if ("setup" in message) == bool(self._session):
            raise Refusal(1007, _SETUP_ONCE)
        if self._session:
            await self._session.hear(message)
            return
        setup = message["setup"]
        if self._token:
            setup = self._token.open_session(setup)
            expired = Close(code=1011, reason=EXPIRED_IN_SESSION)
            loop = asyncio.get_running_loop()
            self._expiry = loop.call_later(self._token.seconds_left, self.end, expired)
        self._session = self._make_session(setup)
        await self._session.begin()

    def _make_session(self, setup: Mapping[str, Any]) -> Session:
        if self._endpoint.method == "BidiGenerateMusic":
            return MusicSession(
                setup, self._endpoint, self._socket, time_scale=self._time_scale, ending=self._ending
            )
        if self._responder.replays:
            return ReplayedSession(
                setup, self._responder, self._socket, time_scale=self._time_scale, ending=self._ending
            )
        return ModelSession(
            setup,
            self._endpoint,
            self._profile,
            self._responder,
            self._socket,
            sessions=self._sessions,
            time_scale=self._time_scale,
            ending=self._ending,
        )
