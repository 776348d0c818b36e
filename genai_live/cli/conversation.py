"""Questions, and answers that are printed as they come. Runs in the main thread."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress

from genai_live.cli.answer import Answer
from genai_live.cli.called_functions import CalledFunctions
from genai_live.cli.printing import Printer
from genai_live.cli.recording import Recording
from genai_live.cli.turn_reader import TurnReader
from genai_live.cli.voice import PacedSending
from genai_live.errors import LiveTimeout, TurnLostError
from genai_live.protocol.turns import ends_turn
from genai_live.session import Session
from genai_live.types import FunctionCall, FunctionResponse, LiveServerMessage

TICK_SECONDS = 0.1
"""How often the sending of a recording is looked after."""

LINGER_SECONDS = 3.0
"""How long another answer, or a transcription, is waited for once a recording has been sent and answered."""


class Conversation:
    """Asks one question after another in one session.

    Args:
        session: The session; nobody else may read it.
        printer: Prints the answers.
        make_answer: Makes an Answer; is told whether the question is spoken.
        realtime: Whether to ask by realtime input, for models that refuse content in mid-session.
        timeout: Seconds to wait for each message.
        is_last: Whether a message is the last of its turn.
    """

    def __init__(
        self,
        session: Session,
        printer: Printer,
        make_answer: Callable[[bool], Answer],
        *,
        realtime: bool,
        timeout: float,
        is_last: Callable[[LiveServerMessage], bool] = ends_turn,
    ) -> None:
        self._session = session
        self._printer = printer
        self._make_answer = make_answer
        self._realtime = realtime
        self._timeout = timeout
        self._is_last = is_last
        self._functions = CalledFunctions(printer)
        self._reader: TurnReader | None = None
        self._unread_turns = 0

    def _receive(self, timeout: float) -> TurnReader:
        self._reader = TurnReader(self._session, timeout, self._functions, self._is_last)
        return self._reader

    def ask(self, question: str) -> None:
        """Send a question and print the answer.

        Functions that the session runs belong to it: it ends when the model has spoken of their answers.

        After a LiveTimeout or KeyboardInterrupt the next question may follow: it interrupts the model, and
        the rest of the earlier answer is not printed.

        Raises:
            LiveTimeout: The question could not be sent in time, or the model fell silent.
            TurnLostError: The answer broke off, and the session goes on, on another connection.
            LiveError: The session ended before the answer did.
        """
        self._functions.forget()
        if not self._unread_turns:
            self._print_unasked()
        if self._realtime:
            self._session.send_realtime_input(text=question, timeout=self._timeout)
        else:
            self._session.send_client_content(turns=question, timeout=self._timeout)
        self._unread_turns += 1
        try:
            while self._unread_turns > 1:
                for message in self._receive(self._timeout):
                    self._refuse_calls(message)
                self._unread_turns -= 1
            self._functions.forget()
            # Nothing followed this question that could interrupt its answer: such a turn is an earlier one.
            while not self._print_turn(self._timeout).is_whole or self._functions.pending:
                pass
            self._unread_turns -= 1
        except LiveTimeout as error:
            raise self._silent() from error
        except KeyboardInterrupt:
            if self._functions.running and not (self._reader and self._reader.inside):
                # The turn has ended at the call, and the next question finds no rest of it.
                self._unread_turns -= 1
            raise
        except TurnLostError:
            self._unread_turns = 0
            raise

    def _print_unasked(self) -> None:
        """Print what the model has said by itself, which would be taken for the answer otherwise."""
        with suppress(LiveTimeout):
            while True:
                self._print_turn(0)

    def _print_turn(self, timeout: float) -> Answer:
        answer = self._make_answer(False)
        waited = self._functions.pending
        self._print(answer, self._turn(answer, timeout))
        self._explain(answer, waited=waited)
        return answer

    def _explain(self, answer: Answer, *, waited: bool) -> None:
        # Where functions are waited for, more is to come; where they were, there may have been no turn.
        if not self._functions.pending and (answer.begun or not waited):
            answer.explain()

    def _turn(self, answer: Answer, timeout: float) -> Iterator[LiveServerMessage]:
        messages = self._receive(timeout)
        while True:
            try:
                message = next(messages, None)
            except LiveTimeout:
                # The end of a turn comes when its speech would have been played.
                if timeout and (self._functions.running or time.monotonic() < answer.plays_until):
                    continue
                raise
            if message is None:
                return
            yield message

    def speak(self, recording: Recording) -> None:
        """Send a recording as it would be spoken, and print the answers, also those that come meanwhile.

        The first turn that ends after the recording is the last one, unless it was interrupted. Where the
        last one has ended before, another is waited for in vain for some seconds.

        Raises:
            LiveTimeout: The recording could not be sent in time, or there was no answer.
            LiveError: The session ended before the answer did.
        """
        with (
            PacedSending(self._session, recording, timeout=self._timeout) as sending,
            self._printer.progress(recording.name, recording.seconds) as show_sent,
        ):
            answered = False
            while True:
                answer, waited = self._make_answer(True), self._functions.pending
                self._print(answer, self._turn_while_sending(answer, sending, show_sent, answered=answered))
                all_sent = sending.ended_at is not None
                if answered and all_sent and not answer.begun:
                    return
                self._explain(answer, waited=waited)
                answered = answer.is_whole and not self._functions.pending
                if answered and all_sent and not answer.lacks_transcription:
                    return

    def _turn_while_sending(
        self, answer: Answer, sending: PacedSending, show_sent: Callable[[float], None], *, answered: bool
    ) -> Iterator[LiveServerMessage]:
        messages = self._receive(TICK_SECONDS)
        while True:
            show_sent(sending.seconds)
            try:
                message = next(messages, None)
            except LiveTimeout as error:
                sending.raise_error()
                if sending.ended_at is None:
                    continue
                silence = time.monotonic() - max(messages.heard_at, sending.ended_at, answer.plays_until)
                if answered and not answer.begun:
                    if silence >= LINGER_SECONDS:
                        return
                elif silence >= self._timeout and not self._functions.running:
                    hint = "" if answer.begun else "; is anything said in the recording?"
                    raise self._silent(hint) from error
                continue
            if message is None:
                return
            yield message

    def _print(self, answer: Answer, messages: Iterator[LiveServerMessage]) -> None:
        try:
            for message in messages:
                answer.add(message)
                self._refuse_calls(message)
        finally:
            answer.end()

    def _refuse_calls(self, message: LiveServerMessage) -> None:
        calls = [call for call in _calls(message) if not call.handled]
        if not calls:
            return
        names = ", ".join(str(call.name) for call in calls)
        self._printer.note(f"The model called {names}; it was told that there are no functions here.")
        answer = {"error": "There are no functions in this chat."}
        self._session.send_tool_response(
            function_responses=[
                FunctionResponse(id=call.id, name=call.name, response=answer) for call in calls
            ],
            timeout=self._timeout,
        )

    def _silent(self, hint: str = "") -> LiveTimeout:
        return LiveTimeout(f"the model has been silent for {self._timeout:g} s{hint}")


def _calls(message: LiveServerMessage) -> list[FunctionCall]:
    return (message.tool_call.function_calls if message.tool_call else None) or []
