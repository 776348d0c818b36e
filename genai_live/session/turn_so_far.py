"""What has come of a turn, without holding on to its media. Runs in the reading thread."""

from __future__ import annotations

from genai_live.types import LiveServerMessage, Turn


class TurnSoFar:
    """Grows with each message, by its words only: a turn may have an hour of audio."""

    def __init__(self) -> None:
        self._turn = Turn()
        self._text: list[str] = []
        self._heard: list[str] = []
        self._spoken: list[str] = []

    def add(self, message: LiveServerMessage) -> None:
        """The turn's next message."""
        if message.turn_restarted:
            self.__init__()  # type: ignore[misc]
            self._turn.restarted = True
        if message.tool_call is not None:
            self._turn.tool_calls += message.tool_call.function_calls or []
        content = message.server_content
        if content is None:
            return
        if content.input_transcription is not None:
            self._heard.append(content.input_transcription.text or "")
        if content.output_transcription is not None:
            self._spoken.append(content.output_transcription.text or "")
        if content.model_turn is not None and (text := message.text):
            self._text.append(text)
        if content.interrupted:
            self._turn.interrupted = True

    def turn(self) -> Turn:
        """The turn as far as it has come."""
        turn = self._turn
        turn.input_transcription = "".join(self._heard)
        turn.output_transcription = "".join(self._spoken)
        turn.text = "".join(self._text) or turn.output_transcription
        return turn
