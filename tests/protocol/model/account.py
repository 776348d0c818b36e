"""What the client can know of a connection, by the server's own tags: kept apart from the ledger."""

from __future__ import annotations

from genai_live.protocol import Purpose
from tests.protocol.model.server import Frame, Mine, Server, Turn


def matters(sent: Mine) -> bool:
    """Whether its fate is followed: media is only counted."""
    return sent.purpose is not Purpose.MEDIA


class Account:
    """Follows both directions of one connection after another.

    Attributes:
        written: What was written whole on this connection, in order.
        again: What is still to be written again on this connection.
        by_turns: What was written there, and started or fed a turn that is not complete.
        open_turns: The turns under way or asked for, whose end has not come, in order.
        current: The one that has begun.
        stands: Whether it stands still for calls.
        stands_for: Those for which it does.
        had: Those of them whose answers were written since, on this connection.
        its_calls: All calls of it.
        pending: All calls that were delivered and that nobody has begun to answer.
        given_up: Those of them whose turn is over, as a reconnection cut through it.
        speaks: Whether the user does, as the server says.
        turns_to_voice: How many turns must end until what the user said aloud is answered.
        handle: The newest handle that can be used.
        handle_is_last: Whether it came after all that the model said.
        said_since: What the user said since.
        held: What it holds.
        index_came: Whether the server has ever said what a handle holds.
    """

    def __init__(self, server: Server) -> None:
        self._server = server
        self.written: list[Mine] = []
        self.again: list[Mine] = []
        self.by_turns: list[Mine] = []
        self.open_turns: list[Turn] = []
        self.current: Turn | None = None
        self.stands = False
        self.stands_for: set[str] = set()
        self.had: set[str] = set()
        self.its_calls: set[str] = set()
        self.pending: set[str] = set()
        self.given_up: set[str] = set()
        self.speaks = False
        self.turns_to_voice = 0
        self.handle: str | None = None
        self.handle_is_last = True
        self.said_since: list[Mine] = []
        self.held: frozenset[Mine] = frozenset()
        self.index_came = False
        self._writes = 0
        self._begun: Mine | None = None
        self._answered: set[str] = set()

    @property
    def in_doubt(self) -> list[Mine]:
        """What was written, and nobody knows whether the model has seen it; media apart."""
        written = self.by_turns if not self.index_came else [sent for sent in self.not_held if matters(sent)]
        return [*written, *(sent for sent in self.again if matters(sent))]

    @property
    def not_held(self) -> list[Mine]:
        """What the newest handle does not hold of what was written on this connection, where it says so."""
        return [sent for sent in self.written if sent not in self.held]

    @property
    def is_fresh(self) -> bool:
        """Whether the newest handle came after all that was said."""
        return self.handle_is_last and not self.said_since

    @property
    def is_under_way(self) -> bool:
        """Whether a turn is, or what the user says aloud."""
        return bool(self.open_turns) or self.speaks or self.turns_to_voice > 0

    @property
    def open_asks(self) -> list[Mine]:
        """The questions whose answer has not ended."""
        return [turn.ask for turn in self.open_turns if turn.ask is not None]

    def is_of_current_turn(self, sent: Mine) -> bool:
        """Whether the message started or fed the turn that has begun."""
        return self.current is not None and (sent is self.current.ask or sent in self.current.feeds)

    # -- sending ---------------------------------------------------------------------------------------

    def is_begun(self, sent: Mine) -> None:
        """A message is about to be written."""
        self._begun = sent
        if matters(sent):
            self.said_since.append(sent)
        if sent.activity is not None:
            self.hears(speaks=sent.activity)
        sent.ahead = tuple(self.open_turns)
        sent.waited_in = self.current if self.stands and self.stands_for - self.had else None
        sent.unblocks = sent.purpose is Purpose.ANSWERS and self.stands
        self._answered = self.pending & set(sent.answers)
        sent.late = bool(self._answered) and self._answered <= self.given_up
        self.pending -= self._answered

    def hears(self, *, speaks: bool) -> None:
        """The user speaks, or does no more; what is under way does not answer that."""
        self.speaks = speaks
        if speaks:
            asked = self._begun is not None and self._begun.purpose is Purpose.ASKS
            self.turns_to_voice = len(self.open_turns) + asked + 1

    def is_undone(self) -> None:
        """It was not written whole."""
        self.said_since = [sent for sent in self.said_since if sent is not self._begun]
        self._begun = None
        self.pending |= self._answered

    def is_written(self, sent: Mine) -> None:
        """It was."""
        self._begun = None
        self._writes += 1
        sent.writes += 1
        sent.first_written = sent.first_written or self._writes
        self.written.append(sent)
        if sent.waited_in is not None:
            self.had |= set(sent.answers)
        if matters(sent):
            self.by_turns.append(sent)
        if sent.purpose is Purpose.ASKS:
            sent.turn = Turn(ask=sent)
            self.open_turns.append(sent.turn)

    # -- receiving -------------------------------------------------------------------------------------

    def is_received(self, frame: Frame) -> None:
        """A message came, and is not one that only repeats calls."""
        self.pending |= set(frame.calls)
        if frame.cancels:
            self.pending -= set(frame.cancels)
            self.its_calls -= set(frame.cancels)
            self._stands_no_more()
            for sent in (*self.by_turns, *([self._begun] if self._begun else [])):
                sent.waited_in = None
        if frame.turn is not None or frame.message.session_resumption_update is not None:
            self.handle_is_last = frame.handle is not None
        if frame.handle is not None:
            self.handle = frame.handle
            self.said_since = []
            snapshot = self._server.snapshots[frame.handle]
            self.held = frozenset(snapshot.log)
            self.index_came = self.index_came or frame.index is not None
        if frame.turn is not None:
            self._follow(frame, frame.turn)

    def _follow(self, frame: Frame, turn: Turn) -> None:
        if self.current is not turn:
            assert self.current is None, "the server began a turn before it ended another"
            self.current = turn
            if turn.ask is None:
                assert not self.open_turns
                self.open_turns.append(turn)
            assert self.open_turns[0] is turn
        if frame.content:
            self.by_turns = [sent for sent in self.by_turns if not self._is_heeded(sent, frame)]
            if not frame.calls:
                self._stands_no_more()
            self.stands = bool(frame.calls)
            self.stands_for |= set(frame.calls)
            self.its_calls |= set(frame.calls)
        if frame.ends:
            self.by_turns = [
                sent for sent in self.by_turns if sent is not turn.ask and sent not in turn.feeds
            ]
            self.open_turns.remove(turn)
            self.current, self.its_calls = None, set()
            self._stands_no_more()
            self.turns_to_voice = max(0, self.turns_to_voice - 1)

    def _stands_no_more(self) -> None:
        self.stands, self.stands_for, self.had = False, set(), set()

    def _is_heeded(self, sent: Mine, frame: Frame) -> bool:
        """Whether the model has gone on after an answer to a call."""
        if sent.purpose is not Purpose.ANSWERS:
            return False
        heeded = (frame.turn is sent.waited_in and not frame.calls) or frame.turn not in sent.ahead
        if heeded:
            assert sent.consumed_at is not None, "what the model says came before the answer"
            assert sent.consumed_at < frame.at
        return heeded

    # -- another connection ----------------------------------------------------------------------------

    def goes_on(self, *, survived: bool, again: list[Mine], restored: bool) -> None:
        """A connection begins, and the conversation goes on.

        Args:
            survived: Whether the turn that stands still goes on, and with it what belongs to it.
            again: What is written first.
            restored: Whether it is the same conversation.
        """
        self.written, self.had = [], set()
        self.again = list(again)
        self.handle_is_last, self.said_since = True, []
        self.speaks = False
        if survived:
            self.by_turns = [sent for sent in self.by_turns if self.is_of_current_turn(sent)]
            self.open_turns = self.open_turns[:1]
        else:
            self.turns_to_voice = 0
            self.given_up = (self.given_up | self.its_calls) & self.pending
            self.by_turns, self.open_turns = [], []
            self.current, self.its_calls = None, set()
            self._stands_no_more()
        if not restored:
            self.held, self.index_came = frozenset(), False
            self.pending, self.given_up = set(), set()
