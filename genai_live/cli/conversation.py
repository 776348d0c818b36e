"""Questions, and answers that are printed as they come. Runs in the main thread."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from genai_live.cli.printing import Printer
from genai_live.errors import LiveTimeout
from genai_live.session import Session
from genai_live.types import FunctionCall, FunctionResponse, LiveServerMessage, TurnCompleteReason


class Conversation:
    """Asks one question after another in one session.

    Args:
        session: The session; nobody else may read it.
        printer: Prints the answers.
        realtime: Whether to ask by realtime input, for models that refuse content in mid-session.
        timeout: Seconds to wait for each message.
    """

    def __init__(self, session: Session, printer: Printer, *, realtime: bool, timeout: float) -> None:
        self._session = session
        self._printer = printer
        self._realtime = realtime
        self._timeout = timeout
        self._unread_turns = 0

    def ask(self, question: str) -> None:
        """Send a question and print the answer.

        After a LiveTimeout or KeyboardInterrupt the next question may follow: it interrupts the model, and
        the rest of the earlier answer is not printed.

        Raises:
            LiveTimeout: The question could not be sent in time, or the model fell silent.
            LiveError: The session ended before the answer did.
        """
        if not self._unread_turns:
            self._print_unasked()
        if self._realtime:
            self._session.send_realtime_input(text=question, timeout=self._timeout)
        else:
            self._session.send_client_content(turns=question, timeout=self._timeout)
        self._unread_turns += 1
        try:
            while self._unread_turns > 1:
                for _ in self._turn(self._timeout):
                    pass
                self._unread_turns -= 1
            # Nothing followed this question that could interrupt its answer: such a turn is an earlier one.
            while self._print_turn(self._timeout).interrupted:
                pass
            self._unread_turns -= 1
        except LiveTimeout as error:
            raise LiveTimeout(f"the model has been silent for {self._timeout:g} s") from error

    def _print_unasked(self) -> None:
        """Print what the model has said by itself, which would be taken for the answer otherwise."""
        with suppress(LiveTimeout):
            while True:
                self._print_turn(0)

    def _print_turn(self, timeout: float) -> _Answer:
        answer = _Answer(self._printer)
        try:
            for message in self._turn(timeout):
                answer.add(message)
        finally:
            self._printer.end_answer()
        answer.explain()
        return answer

    def _turn(self, timeout: float) -> Iterator[LiveServerMessage]:
        for message in self._session.receive(timeout):
            if message.tool_call is not None and message.tool_call.function_calls:
                self._refuse(message.tool_call.function_calls)
            yield message

    def _refuse(self, calls: list[FunctionCall]) -> None:
        names = ", ".join(str(call.name) for call in calls)
        self._printer.note(f"The model called {names}; it was told that there are no functions here.")
        answer = {"error": "There are no functions in this chat."}
        self._session.send_tool_response(
            function_responses=[
                FunctionResponse(id=call.id, name=call.name, response=answer) for call in calls
            ],
            timeout=self._timeout,
        )


class _Answer:
    """Prints one turn: its text, or the transcription of its speech; never both, as they say the same."""

    def __init__(self, printer: Printer) -> None:
        self._printer = printer
        self._text_came = self._speech_came = False
        self._reason: TurnCompleteReason | None = None
        self.interrupted = False

    def add(self, message: LiveServerMessage) -> None:
        content = message.server_content
        if content is None:
            return
        self.interrupted = self.interrupted or bool(content.interrupted)
        self._reason = content.turn_complete_reason or self._reason
        speech = content.output_transcription.text if content.output_transcription else None
        if message.text and not self._speech_came:
            self._text_came = True
            self._printer.answer(message.text)
        elif speech and not self._text_came:
            self._speech_came = True
            self._printer.answer(speech)

    def explain(self) -> None:
        if self._reason not in (None, TurnCompleteReason.TURN_COMPLETE_REASON_UNSPECIFIED):
            self._printer.note(f"The model ended its turn: {self._reason}.")
        elif not (self._text_came or self._speech_came or self.interrupted):
            self._printer.note("The model answered without words.")
