"""Who said what, in lines that can be read whatever order the pieces come in. Runs in the main thread."""

from __future__ import annotations

from genai_live.cli.printing import Printer

USER = "You"
MODEL = "Model"


class Transcript:
    """What was said in one turn: a line for the user, then a line for the model.

    The pieces of both come in no fixed order: the user's words may come before, amid or after the model's. So
    the model's are held back until those of the user can be expected to be complete. Words of the user that
    come later still get a line of their own, below.

    Args:
        printer: Prints it.
        spoken: Whether the user is speaking; of a typed question no words are waited for.
    """

    def __init__(self, printer: Printer, *, spoken: bool) -> None:
        self._printer = printer
        self._user_is_done = not spoken
        self._model_is_done = False
        self._line: str | None = None
        self._held_back = ""
        self._late = ""

    def hear(self, text: str, *, finished: bool) -> None:
        """Take in what the user has said, or a piece of it."""
        if self._line == MODEL:
            self._late += text
            return
        self._write(USER, text)
        self._user_is_done = self._user_is_done or finished or self._model_is_done
        self._release()

    def say(self, text: str) -> None:
        """Take in a piece of what the model says."""
        self._held_back += text
        self._release()

    def complete_model(self) -> None:
        """The model has said everything; the service says so long before all has been played."""
        self._model_is_done = True
        self._user_is_done = self._user_is_done or self._line == USER
        self._release()

    def end(self) -> None:
        """Nothing more comes in this turn."""
        self._user_is_done = True
        self._release()
        self._write(USER, self._late)

    def _release(self) -> None:
        if self._user_is_done:
            self._write(MODEL, self._held_back)
            self._held_back = ""

    def _write(self, speaker: str, text: str) -> None:
        if speaker != self._line:
            text = text.lstrip()
            if not text:
                return
            self._line = speaker
            self._printer.end_answer()
            text = f"{speaker}: {text}"
        self._printer.answer(text)
