"""The three ways of reading a session: turn by turn, as a stream of events, and by callbacks."""

import queue
from collections.abc import Callable
from typing import Any

from genai_live import GoingAway, LiveTimeout, Reconnected, Reconnecting, Session, TurnLostError
from genai_live.types import LiveServerMessage
from tests.soak.plan import Plan
from tests.soak.talk import TURN_SECONDS, Talk, content_of, is_end
from tests.timing import scaled

_SOON = scaled(3)

_BARGE_IN = 0.004
"""The chance that a message of an answer provokes the next question: one turn in five."""


class TurnByTurn(Talk):
    """Reads with ``receive``, and hears of reconnections by callbacks."""

    def callbacks(self) -> dict[str, Callable[..., object]]:
        return {
            "on_reconnecting": lambda session, code, reason: self.note_reconnecting(),
            "on_reconnected": lambda session, restored, in_doubt: self.note_reconnected(
                restored, in_doubt, in_order=False
            ),
        }

    def take_turn(self) -> None:
        question = self.ask()
        if question is None:
            return
        try:
            self._read(question, TURN_SECONDS)
        except TurnLostError as error:
            if not (self.plan.is_transparent and self._comes_all_the_same(question)):
                self.lost(question, error.in_doubt)
        except LiveTimeout:
            self.hangs(question)

    def _read(self, question: int, seconds: float) -> None:
        for message in self.session.receive(timeout=seconds):
            self._take(message, question)
            if self.stands_still:
                raise LiveTimeout("nothing more comes of the turn")
        if not self.is_answered(question):
            if not self.plan.is_transparent:
                self.notes.problems.append(f"receive() ended before the answer to question {question}")
            self._read(question, seconds)  # it was a turn that came once more

    def _comes_all_the_same(self, question: int) -> bool:
        """Whether another turn was lost, one that came once more."""
        try:
            self._read(question, _SOON)
        except (TurnLostError, LiveTimeout):
            return False
        return True

    def _take(self, message: LiveServerMessage, question: int) -> None:
        of = self.note(message)
        if of not in (0, question):
            self.notes.problems.append(f"question {question} was asked, and {of} answered")
        if message.tool_call is not None:
            self.respond(message)

    def read_the_rest(self) -> None:
        for message in self.session.messages(timeout=TURN_SECONDS):
            self.note(message)


class EventByEvent(Talk):
    """Reads with ``events``, and sometimes asks the next question before the answer is complete."""

    def __init__(self, plan: Plan, seed: int) -> None:
        super().__init__(plan, seed)
        self._open: list[int] = []
        self._call_is_open = False
        # Otherwise nobody but the service could say which of two questions was lost.
        self._barges_in = not (plan.resends or plan.is_transparent)

    def callbacks(self) -> dict[str, Callable[..., object]]:
        return {}

    def take_turn(self) -> None:
        self._ask()
        events = self.session.events(timeout=TURN_SECONDS)
        while self._open:
            try:
                self._take(next(events))
                if self.stands_still:
                    raise LiveTimeout("nothing more comes of the turn")
            except LiveTimeout:
                self.hangs(self._open.pop(0))
            if len(self._open) == 1 and self._may_barge_in and self.random.random() < _BARGE_IN:
                self._ask()

    def _ask(self) -> None:
        question = self.ask()
        if question is not None:
            self._open.append(question)

    @property
    def _may_barge_in(self) -> bool:
        return self._barges_in and not self._call_is_open

    def _take(self, event: LiveServerMessage | GoingAway | Reconnecting | Reconnected) -> None:
        match event:
            case Reconnecting():
                self.note_reconnecting()
            case Reconnected(restored, in_doubt, turn_lost):
                self.note_reconnected(restored, in_doubt, in_order=True)
                if turn_lost:
                    self._lose(in_doubt)
            case GoingAway():
                self.note(event.message)
            case _:
                self._take_message(event)

    def _take_message(self, message: LiveServerMessage) -> None:
        of = self.note(message)
        if of != 0 and (not self._open or of != self._open[0]):
            self.notes.problems.append(f"{self._open or 'nothing'} was asked, and {of} answered")
        self._call_is_open = message.tool_call is not None
        if self._call_is_open:
            self.respond(message)
        if is_end(message) and self._open:
            self._open.pop(0)

    def _lose(self, in_doubt: tuple[Any, ...]) -> None:
        self._call_is_open = False
        lost = self._open
        if self._barges_in:
            doubtful = {content_of(message) for message in in_doubt}
            lost = [question for question in self._open if ("question", question) in doubtful]
        if not lost:
            self.notes.problems.append(f"a turn was lost, but none of {self._open}")
        self._open = [question for question in self._open if question not in lost]
        for question in lost:
            self.lost(question, in_doubt)

    def read_the_rest(self) -> None:
        for event in self.session.events(timeout=TURN_SECONDS):
            self._take(event)


class ByCallbacks(Talk):
    """Is told of everything by callbacks, and answers calls in them."""

    def __init__(self, plan: Plan, seed: int) -> None:
        super().__init__(plan, seed)
        self._ends: queue.Queue[int | TurnLostError] = queue.Queue()

    def callbacks(self) -> dict[str, Callable[..., object]]:
        return {
            "on_message": self._on_message,
            "on_error": self._on_error,
            "on_reconnecting": lambda session, code, reason: self.note_reconnecting(),
            "on_reconnected": lambda session, restored, in_doubt: self.note_reconnected(
                restored, in_doubt, in_order=True
            ),
        }

    def _on_message(self, session: Session, message: LiveServerMessage) -> None:
        question = self.note(message)
        if message.tool_call is not None:
            self.respond(message)
        if is_end(message):
            self._ends.put(question)

    def _on_error(self, session: Session, error: BaseException) -> None:
        if isinstance(error, TurnLostError):
            self._ends.put(error)
        else:
            self.notes.problems.append(f"on_error: {type(error).__name__}: {error}")

    def take_turn(self) -> None:
        question = self.ask()
        if question is None:
            return
        try:
            end = self._ends.get(timeout=2 * TURN_SECONDS)
        except queue.Empty:
            self.hangs(question)
            return
        if isinstance(end, TurnLostError):
            self.lost(question, end.in_doubt)
        elif end != question:
            self.notes.problems.append(f"question {question} was asked, and {end} answered")

    def read_the_rest(self) -> None:
        if not self._ends.empty():
            self.notes.problems.append("a turn ended that nobody had asked for")


READERS: dict[str, type[Talk]] = {
    "receive": TurnByTurn,
    "events": EventByEvent,
    "callbacks": ByCallbacks,
}
