"""google-genai, the official Python SDK, behind blocking calls. Its event loop has a thread of its own."""

from __future__ import annotations

import asyncio
import ssl
import tempfile
import threading
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

import pytest
from google.genai import Client, types
from google.genai.live import AsyncSession
from google.genai.live_music import AsyncMusicSession

from tests.certificates import authority_pem
from tests.timing import SOON

Result = TypeVar("Result")


class GoogleGenai:
    """A client of the official SDK that connects to the recorder.

    Args:
        base_url: Where the recorder is.
        arguments: Of its Client.
        ssl_context: Trusts the recorder.
    """

    def __init__(self, base_url: str, arguments: Mapping[str, Any], ssl_context: ssl.SSLContext) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="google-genai", daemon=True)
        self._thread.start()
        options = types.HttpOptions(base_url=base_url, async_client_args={"ssl": ssl_context})
        self._client = Client(**arguments, http_options=options)

    def run(self, coroutine: Coroutine[Any, Any, Result]) -> Result:
        """Waits for what the SDK does."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(SOON)

    def connect(self, model: str, config: dict[str, Any]) -> None:
        """Connects, and closes."""

        async def connect() -> None:
            async with self._client.aio.live.connect(model=model, config=config):
                pass

        self.run(connect())

    @contextmanager
    def session(self, model: str) -> Iterator[AsyncSession]:
        """A session that stays open."""
        connecting = self._client.aio.live.connect(model=model, config={})
        session = self.run(connecting.__aenter__())
        try:
            yield session
        finally:
            self.run(connecting.__aexit__(None, None, None))

    @contextmanager
    def music(self, model: str) -> Iterator[AsyncMusicSession]:
        """A session of music that stays open. The SDK takes no SSL context for it, but the environment's."""
        connecting = self._client.aio.live.music.connect(model=model)
        with tempfile.NamedTemporaryFile() as bundle, pytest.MonkeyPatch.context() as environment:
            bundle.write(authority_pem())
            bundle.flush()
            environment.setenv("SSL_CERT_FILE", bundle.name)
            session = self.run(connecting.__aenter__())
        try:
            yield session
        finally:
            self.run(connecting.__aexit__(None, None, None))

    def close(self) -> None:
        """Ends the loop and its thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(SOON)
        self._loop.close()
