"""The blocking face of a session that makes music. Every method may be called from any thread."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from genai_live import codec
from genai_live.errors import ConfigurationError
from genai_live.runtime import Face, MessageIterator
from genai_live.types import (
    LiveMusicClientContent,
    LiveMusicClientMessage,
    LiveMusicGenerationConfig,
    LiveMusicPlaybackControl,
    LiveMusicServerMessage,
    LiveMusicServerSetupComplete,
    WeightedPrompt,
)
from genai_live.waiting import Deadline, seconds


class MusicSession(Face[LiveMusicServerMessage]):
    """A stream of music, made by ``client.live.music.connect``.

    Use it as a context manager, or call ``close``. The music plays until it is paused or stopped, so whoever
    reads it decides when it is enough::

        with client.live.music.connect(model="lyria-realtime-exp") as session:
            session.set_weighted_prompts(prompts="a calm piano")
            session.play()
            for message in session.receive():
                ...

    Every method that sends takes a ``timeout``, in seconds, until the message must be written, and raises:

    * ConfigurationError: An argument cannot be used; nothing was sent.
    * ConnectionClosed: The session has ended.
    * LiveTimeout: The message could not be written in time.
    """

    @property
    def setup_complete(self) -> LiveMusicServerSetupComplete | None:
        """The server's answer to the setup."""
        answer = self._driver.protocol.answer_to_setup
        return answer.setup_complete if answer else None

    # -- sending -----------------------------------------------------------------------------------------

    def set_weighted_prompts(
        self,
        prompts: str
        | WeightedPrompt
        | Mapping[str, Any]
        | Iterable[str | WeightedPrompt | Mapping[str, Any]],
        *,
        timeout: float | None = 30.0,
    ) -> None:
        """Says what to play. It replaces the prompts before; while music plays, it changes over.

        Args:
            prompts: A WeightedPrompt, a dict of one, or a text, which has the weight 1; or a list of these.
                The service takes every weight but 0.
            timeout: Seconds until the message must be written.
        """
        weighted = codec.structure(prompts, list[WeightedPrompt], "prompts")
        if not weighted:
            raise ConfigurationError("expected at least one prompt", where="prompts")
        content = LiveMusicClientContent(weighted_prompts=weighted)
        self._send_message(LiveMusicClientMessage(client_content=content), timeout)

    def set_music_generation_config(
        self,
        config: LiveMusicGenerationConfig | Mapping[str, Any] | None,
        *,
        timeout: float | None = 30.0,
    ) -> None:
        """Says how to play. It replaces all settings before, so give those again that are to stay.

        ``bpm`` and ``scale`` take effect after ``reset_context``, or ``stop`` and ``play``.

        Args:
            config: A LiveMusicGenerationConfig, or a dict of its fields; None for what the service does by
                itself.
            timeout: Seconds until the message must be written.
        """
        settings = codec.structure(config if config is not None else {}, LiveMusicGenerationConfig, "config")
        self._send_message(LiveMusicClientMessage(music_generation_config=settings), timeout)

    def play(self, *, timeout: float | None = 30.0) -> None:
        """Starts the music, or goes on where it was paused."""
        self._control(LiveMusicPlaybackControl.PLAY, timeout)

    def pause(self, *, timeout: float | None = 30.0) -> None:
        """Holds the music. Chunks that are on their way still come."""
        self._control(LiveMusicPlaybackControl.PAUSE, timeout)

    def stop(self, *, timeout: float | None = 30.0) -> None:
        """Stops the music and forgets what was played; prompts and settings stay."""
        self._control(LiveMusicPlaybackControl.STOP, timeout)

    def reset_context(self, *, timeout: float | None = 30.0) -> None:
        """Forgets what was played without stopping the music; prompts and settings stay."""
        self._control(LiveMusicPlaybackControl.RESET_CONTEXT, timeout)

    def _control(self, control: LiveMusicPlaybackControl, timeout: float | None) -> None:
        self._send_message(LiveMusicClientMessage(playback_control=control), timeout)

    def _send_message(self, message: LiveMusicClientMessage, timeout: float | None) -> None:
        self._send(message, codec.encode(message), None, timeout)

    # -- receiving ---------------------------------------------------------------------------------------

    def receive(self, timeout: float | None = None) -> MessageIterator[LiveMusicServerMessage]:
        """Iterates over the messages without end, as music has no turns.

        Args:
            timeout: Seconds to wait for each message, or None for no limit.

        Raises:
            ModeError: The messages go to ``callbacks.on_message``.
            ConcurrentReceiveError: Another thread is reading.
            LiveTimeout: While iterating: no message came in time. The iterator can be used again.
            ConnectionClosed: While iterating: the session has ended, in order or not. ``messages`` ends
                quietly when it ended in order.
        """
        limit = seconds(timeout)
        return self._iterator("receive", lambda: self._next_message(Deadline(limit)))
