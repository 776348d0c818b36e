"""The port: HTTP, TLS, and the upgrade to a conversation.

Runs in the emulator's thread, in its event loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Callable, Collection, Mapping
from typing import Any

from aiohttp import web

from genai_live.emulator.answers import Close, Drop, Responder
from genai_live.emulator.conversation import Conversation
from genai_live.emulator.endpoints import check_credentials, find_auth_tokens, find_endpoint, find_token
from genai_live.emulator.profiles import Profile
from genai_live.emulator.recording import Recorder
from genai_live.emulator.refusal import Refusal
from genai_live.emulator.resumption import Sessions
from genai_live.emulator.token_requests import answer_token_request
from genai_live.emulator.tokens import Tokens

MESSAGE_BYTES = 64 * 1024 * 1024
"""The largest message that is read. The service's own limit is not known (protocol notes, 4)."""

FAREWELL_SECONDS = 1.0
"""How long clients have to answer the close frame when the emulator stops."""


class Server:
    """Serves until it is told to stop.

    Args:
        host: Where to listen.
        port: Likewise; 0 for any free port.
        tls: The server's side of TLS, or None.
        profile: How models behave; None for each in its own way.
        make_responder: Makes the model for a new connection.
        api_keys: The keys that are good; None if every key is.
        time_scale: What every pause is multiplied by.
        sessions: The sessions that may be resumed.
        recorder: Is told of everything.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        tls: ssl.SSLContext | None,
        profile: Profile | None,
        make_responder: Callable[[], Responder],
        api_keys: Collection[str] | None,
        time_scale: float,
        sessions: Sessions,
        recorder: Recorder,
    ) -> None:
        self._host = host
        self._port = port
        self._tls = tls
        self._profile = profile
        self._make_responder = make_responder
        self._api_keys = api_keys
        self._time_scale = time_scale
        self._sessions = sessions
        self._recorder = recorder
        self._tokens = Tokens()
        self._conversations: dict[Conversation, asyncio.Task[None]] = {}
        self._stopping = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def serve(self, listening: Callable[[int], None]) -> None:
        """Serve until ``stop`` is called.

        Args:
            listening: Is called with the port, once connections are taken.

        Raises:
            OSError: The port cannot be had.
        """
        self._loop = asyncio.get_running_loop()
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", self._answer)
        # No access log: the address of a request may hold an API key.
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=FAREWELL_SECONDS)
        await runner.setup()
        try:
            await web.TCPSite(runner, self._host, self._port, ssl_context=self._tls).start()
            listening(runner.addresses[0][1])
            await self._stopping.wait()
            await self._hang_up(runner)
        finally:
            await runner.cleanup()
            self._loop = None

    def stop(self) -> None:
        """Have ``serve`` return soon, whatever the clients do. Any thread may call it, once it serves."""
        self._run_soon(self._stopping.set)

    def drop_connections(self) -> None:
        """Have every connection end soon, without a close frame. Any thread may call it."""

        def drop() -> None:
            for conversation in self._conversations:
                conversation.end(Drop())

        self._run_soon(drop)

    def send(self, message: Mapping[str, Any]) -> None:
        """Have a message sent soon on every connection that was set up. Any thread may call it."""

        def send() -> None:
            for conversation in self._conversations:
                conversation.send(message)

        self._run_soon(send)

    def _run_soon(self, work: Callable[[], None]) -> None:
        loop = self._loop
        if loop:
            # It may have been closed just now; with it went every connection.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(work)

    async def _hang_up(self, runner: web.AppRunner) -> None:
        for conversation in self._conversations:
            conversation.end(Close(code=1001, reason="The emulator is stopping."))
        if self._conversations:
            await asyncio.wait(self._conversations.values(), timeout=FAREWELL_SECONDS)
        for handler in runner.server.connections if runner.server else ():
            if handler.transport:
                handler.transport.abort()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        if endpoint := find_auth_tokens(request.path):
            return await answer_token_request(request, endpoint, self._tokens, self._api_keys)
        return await self._upgrade(request)

    async def _upgrade(self, request: web.Request) -> web.StreamResponse:
        endpoint = find_endpoint(request.path)
        if endpoint is None:
            raise web.HTTPNotFound
        # Not offered: compression, as whether the service does is not known; pings, as it sends none.
        socket = web.WebSocketResponse(compress=False, max_msg_size=MESSAGE_BYTES)
        if not socket.can_prepare(request):
            raise web.HTTPBadRequest
        connection = self._recorder.add_connection(request.path, request.query, request.headers)
        token, refusal = None, None
        try:
            if endpoint.method == "BidiGenerateContentConstrained":
                token = self._tokens.find(find_token(request.headers, request.query))
            else:
                check_credentials(endpoint, request.headers, request.query, self._api_keys)
        except Refusal as error:
            refusal = error
        conversation = Conversation(
            request,
            socket,
            endpoint=endpoint,
            refusal=refusal,
            token=token,
            profile=self._profile,
            responder=self._make_responder(),
            sessions=self._sessions,
            time_scale=self._time_scale,
            recorder=self._recorder,
            connection=connection,
        )
        try:
            await socket.prepare(request)
            self._conversations[conversation] = asyncio.create_task(conversation.hold())
            await self._conversations[conversation]
        finally:
            self._conversations.pop(conversation, None)
            connection.set_closed("emulator", 1006, "")
        return socket
