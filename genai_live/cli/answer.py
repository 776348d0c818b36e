"""One turn of the model as it comes: printed, and saved. Runs in the main thread."""

from __future__ import annotations

import time

from genai_live.cli.printing import Printer
from genai_live.cli.recording import AnswerFile, sample_rate
from genai_live.cli.transcript import Transcript
from genai_live.types import Blob, LiveServerContent, LiveServerMessage, TurnCompleteReason


class Answer:
    """Prints the text of a turn, or the transcription of its speech; never both, as they say the same.

    Args:
        printer: Prints it.
        transcript: Prints it instead, together with what the user has said; or None.
        file: Where the speech is saved, or None.
        transcribes: Whether the answer is what the user has said, as a model that transcribes gives it.

    Attributes:
        begun: Whether the model has done something.
        heard: Whether something came of what the user has said.
        interrupted: Whether the user interrupted it.
        plays_until: When its speech will have been played, by ``time.monotonic``.
    """

    def __init__(
        self,
        printer: Printer,
        *,
        transcript: Transcript | None = None,
        file: AnswerFile | None = None,
        transcribes: bool = False,
    ) -> None:
        self._printer = printer
        self._transcript = transcript
        self._file = file
        self._transcribes = transcribes
        self._text_came = self._speech_came = False
        self._calls_at_end = False
        self._reason: TurnCompleteReason | None = None
        self._seconds = 0.0
        self.begun = self.heard = self.interrupted = False
        self.plays_until = 0.0

    @property
    def is_whole(self) -> bool:
        """Whether a turn that has ended answers the question.

        After an interruption, and where the turn ends with a call that was refused, it is a later one.
        """
        return not (self.interrupted or self._calls_at_end)

    @property
    def lacks_transcription(self) -> bool:
        """Whether what the user has said is to be printed, and has not come."""
        return self._transcript is not None and not self.heard

    def add(self, message: LiveServerMessage) -> None:
        """Print and save what the message brings."""
        if message.tool_call is not None:
            self.begun = True
            # Of those that the session runs, it is known what is to come.
            self._calls_at_end = any(not call.handled for call in message.tool_call.function_calls or [])
        content = message.server_content
        if content is None:
            return
        self.interrupted = self.interrupted or bool(content.interrupted)
        self._reason = content.turn_complete_reason or self._reason
        spoken = content.output_transcription.text if content.output_transcription else None
        if content.model_turn is not None or spoken:
            self.begun, self._calls_at_end = True, False
        self._add_speech(content)
        self._add_heard(content)
        if message.text and not self._speech_came:
            self._text_came = True
            self._say(message.text)
        elif spoken and not self._text_came:
            self._speech_came = True
            self._say(spoken)
        if content.generation_complete and self._transcript:
            self._transcript.complete_model()

    def _add_speech(self, content: LiveServerContent) -> None:
        parts = content.model_turn.parts if content.model_turn else None
        for blob in (part.inline_data for part in parts or []):
            if blob is not None and blob.data and (blob.mime_type or "").startswith("audio/"):
                self._play(blob, blob.data)

    def _play(self, blob: Blob, data: bytes) -> None:
        seconds = len(data) / 2 / sample_rate(blob)
        self._seconds += seconds
        self.plays_until = max(self.plays_until, time.monotonic()) + seconds
        if self._file:
            self._file.add(blob)

    def _add_heard(self, content: LiveServerContent) -> None:
        if content.input_transcription is None or not content.input_transcription.text:
            return
        self.heard = True
        text = content.input_transcription.text
        if self._transcript:
            self._transcript.hear(text, finished=bool(content.input_transcription.finished))
        elif self._transcribes:
            self._printer.answer(text)
        if self._transcribes:
            self.begun = True

    def _say(self, text: str) -> None:
        if self._transcript:
            self._transcript.say(text)
        else:
            self._printer.answer(text)

    def end(self) -> None:
        """Print the end of it, whether it is complete or not."""
        if self._transcript:
            self._transcript.end()
        self._printer.end_answer()

    def explain(self) -> None:
        """Print what is strange about a turn that is complete."""
        words_came = self._text_came or self._speech_came or (self._transcribes and self.heard)
        if self._reason not in (None, TurnCompleteReason.TURN_COMPLETE_REASON_UNSPECIFIED):
            self._printer.note(f"The model ended its turn: {self._reason}.")
        elif self.is_whole and not words_came:
            how = f"with {self._seconds:.1f} s of sound, but " if self._seconds else ""
            self._printer.note(f"The model answered {how}without words.")
