"""Drives the protocol as the runtime does, and holds it to what the server and the user know."""

from __future__ import annotations

from typing import Any

from genai_live import types
from genai_live.errors import APIError, LiveError
from genai_live.options import ReconnectPolicy, Watchdogs
from genai_live.protocol import (
    LIVE,
    CancelCalls,
    CutOff,
    Deliver,
    Dial,
    Ended,
    GiveUp,
    Leaving,
    LiveProtocol,
    Opened,
    Purpose,
    Reconnecting,
    Reopened,
    SendClose,
    SendMessage,
    State,
    turns_of,
)
from genai_live.protocol.failures import Failure
from genai_live.protocol.live_protocol import HEALTHY_SECONDS
from genai_live.types import VoiceActivityType
from tests.protocol.messages import COMPLETE
from tests.protocol.model.account import Account, matters
from tests.protocol.model.reopening import held
from tests.protocol.model.server import Frame, Mine, Server
from tests.protocol.model.user import Item, User

IN_ORDER = (1000, 1001, 1005)


class ModelSession:
    """One session, from its first dial to its end.

    Args:
        policy: The session's.
        watchdogs: The session's.
        handles: See Server.
        transparent: See Server.
    """

    def __init__(
        self, *, policy: ReconnectPolicy | None, watchdogs: Watchdogs, handles: str, transparent: bool
    ) -> None:
        resumption = types.SessionResumptionConfig(transparent=transparent or None)
        self._setup = types.LiveClientMessage(
            setup=types.LiveClientSetup(model="models/m", session_resumption=resumption)
        )
        tracker = turns_of("gemini-3.8-live")
        self.protocol = LiveProtocol(self._setup, turns=tracker, policy=policy, watchdogs=watchdogs)
        self.server = Server(handles, transparent=transparent)
        self.account = Account(self.server)
        self.user = User(tracker)
        self.policy = policy
        self.watchdogs = watchdogs
        self.transparent = transparent
        self.sent: list[Mine] = []
        self.waiting: list[Mine] = []
        self.writing: tuple[Mine, Any] | None = None
        self.is_open = False
        self.is_broken = False
        self.is_closed_by_user = False
        self.breaks_after: int | None = None
        self.now = self.silent_since = self._opened_at = 0.0
        self.leave_by: float | None = None
        self._presented: str | None = None
        self._dials = 0
        self._told = False
        self._repeated = 0

    @property
    def state(self) -> State:
        """The protocol's."""
        return self.protocol.state

    @property
    def can_go_on(self) -> bool:
        """Whether there is a way to go on without this connection."""
        return self.policy is not None and (self.account.handle is not None or self.policy.fresh_start)

    @property
    def resends(self) -> bool:
        """Whether what is in doubt is sent again."""
        return self.policy is not None and self.policy.resend_in_doubt

    # -- sending ---------------------------------------------------------------------------------------

    @property
    def can_write(self) -> bool:
        """Whether the next caller gets through at once."""
        return self.is_open and not self.waiting and self.writing is None

    def call(self, sent: Mine, outcome: str) -> None:
        """A caller sends; see ``write`` for the outcomes."""
        self.sent.append(sent)
        if self.state not in LIVE:
            sent.raised = True
            return
        self.user.asks(sent)
        if self.can_write:
            self.write(sent, outcome)
        else:
            self._wait(sent)

    def _wait(self, sent: Mine) -> None:
        if not self.is_open and not matters(sent) and self.policy is not None:
            sent.raised = True  # dropped, and counted
            return
        self.waiting.append(sent)
        self.waiting.sort(key=lambda other: (other.purpose is not Purpose.ANSWERS, other.number))

    def let_one_through(self, outcome: str) -> None:
        """The first of those that wait."""
        self.write(self.waiting.pop(0), outcome)

    def give_up_waiting(self, index: int) -> None:
        """A caller's time is up."""
        self.user.is_refused(self.waiting.pop(index))

    def write(self, sent: Mine, outcome: str) -> None:
        """One message goes out.

        Args:
            sent: Which.
            outcome: "whole", "slowly" (``finish_writing`` ends it), "breaks" (half of it went out and the
                connection is gone) or "in vain" (nothing went out before the caller's deadline).
        """
        assert not self.account.again, "something is written before what is to be sent again"
        self._begin(sent)
        if outcome != "slowly":
            self.finish_writing(outcome)

    def _begin(self, sent: Mine) -> None:
        size = 10 if matters(sent) else 100
        self.writing = sent, self.protocol.sending(sent.message, sent.purpose, size, self.now)
        self.account.is_begun(sent)

    def finish_writing(self, outcome: str) -> None:
        """What was being written is out, or is not."""
        assert self.writing is not None
        sent, entry = self.writing
        self.writing = None
        if outcome == "whole":
            self.account.is_written(sent)
            known = self.account.index_came or (self.resends and sent.is_reported)
            assert sent.writes == 1 or known, "it is written twice"
            self.server.inbound.append(sent)
            return
        self.protocol.not_sent(entry)
        self.account.is_undone()
        if outcome == "in vain":
            self.user.is_refused(sent)
        else:
            self.is_open, self.is_broken = False, True
            self._wait(sent)

    def _send_again(self) -> None:
        again = self.protocol.ledger.again
        assert [sent.message for sent in again] == [sent.message for sent in self.account.again]
        while again and not self.is_broken:
            self._begin(self.account.again[0])
            if self.breaks_after == 0:
                assert self.writing is not None
                self.protocol.not_sent(self.writing[1])
                self.account.is_undone()
                self.writing, self.is_broken = None, True
                return
            if self.breaks_after:
                self.breaks_after -= 1
            self.account.again.pop(0)
            self.finish_writing("whole")
            again.popleft()

    # -- receiving -------------------------------------------------------------------------------------

    def read(self) -> None:
        """The next message of the server's comes in."""
        frame = self.server.outbound.popleft()
        self.silent_since = self.now
        if self.state is State.CLOSING:
            assert self.protocol.received(frame.message, self.now) == []
            return
        news = tuple(call for call in frame.calls if call not in self.account.pending)
        self._repeated += len(frame.calls) - len(news)
        was = self.state
        actions = self.protocol.received(frame.message, self.now)
        assert self.protocol.repeated_calls == self._repeated
        if frame.calls and not news:
            assert actions == []
            return
        self.account.is_received(frame)
        self._follow(frame)
        delivered = [action.item for action in actions if isinstance(action, Deliver)]
        errors = [Item(item) for item in delivered[-1:] if frame.is_error]
        delivered = delivered[: len(delivered) - len(errors)]
        assert all(isinstance(item.item, APIError) for item in errors)
        assert len(delivered) == (not frame.is_error or frame.turn is not None)
        for item in delivered:
            assert item is frame.message
            if frame.calls:
                assert [call.id for call in item.tool_call.function_calls] == list(news)
            self.user.is_given(Item(item, frame))
        for item in errors:
            self.user.is_given(item)
        self._perform([action for action in actions if not isinstance(action, Deliver)])
        assert was is State.OPEN or self.state is was

    def _follow(self, frame: Frame) -> None:
        """What else the client can know of it."""
        if frame.turn is not None:
            self._dials = 0
        message = frame.message
        if message.voice_activity is not None:
            started = VoiceActivityType.ACTIVITY_START
            self.account.hears(speaks=message.voice_activity.voice_activity_type is started)
        if message.go_away is not None:
            left = message.go_away.time_left
            seconds = 10.0 if left is None else left.total_seconds()
            self.leave_by = self.now + max(seconds - 5.0, seconds / 2)

    # -- what the protocol wants done ------------------------------------------------------------------

    def _perform(self, actions: list[Any]) -> None:
        for action in actions:
            match action:
                case SendMessage(message):
                    self._presented = self._check_setup(message)
                case Opened():
                    self.is_open = True
                case Reopened():
                    if self.protocol.ledger.again:
                        self._send_again()
                    self.is_open = not self.is_broken
                case Leaving(event):
                    self._check_leaving()
                    self._reconnecting(event)
                    self.is_open = False
                case SendClose() | CancelCalls():
                    pass
                case CutOff():
                    assert self.state is State.LEAVING or self.watchdogs.reconnect
                    self.is_broken = True
                case GiveUp(error):
                    self.fail(error)
                case _:
                    raise AssertionError(f"{action} was not expected")

    def _check_setup(self, message: Any) -> str | None:
        if self.state is State.SETTING_UP:
            assert message is self._setup
            return None
        resumption = message.setup.session_resumption
        assert resumption.handle == self.account.handle
        assert resumption.handle is not None or self.policy.fresh_start
        assert resumption.transparent == (self.transparent or None)
        return resumption.handle

    def _check_leaving(self) -> None:
        account = self.account
        assert self.leave_by is not None
        assert self.can_go_on
        if self.now < self.leave_by:
            recur = self.server.handles == "many" and not self.transparent
            assert account.is_fresh or not recur, "what was said since the newest handle would be lost"
            assert not account.speaks
            assert account.stands or not account.is_under_way
            if account.stands:
                assert self.server.holds_calls(account.handle, account.its_calls)
                unknown = [sent for sent in account.in_doubt if not account.is_of_current_turn(sent)]
                assert all(sent.purpose is Purpose.FEEDS for sent in unknown), (
                    "it gives up a turn, with time left"
                )

    def _reconnecting(self, event: Reconnecting) -> None:
        assert isinstance(event, Reconnecting)
        assert not self._told, "the user is told twice of one reconnection"
        self._told = True
        self.user.is_given(Item(event))

    # -- time ------------------------------------------------------------------------------------------

    def let_pass(self, seconds: float) -> None:
        """Time passes, and the reader thread looks up when it is due."""
        until = self.now + seconds
        for _ in range(20):
            due = self.protocol.next_tick(self.silent_since)
            if due is None or due > until or self.is_broken:
                break
            self.now = max(self.now, due)
            before = self.state
            actions = self.protocol.tick(self.now, self.silent_since)
            self._perform(actions)
            then = self.protocol.next_tick(self.silent_since)
            moved = actions or self.state is not before or then is None or then > self.now
            assert moved, "a tick that is due changes nothing"
        else:
            raise AssertionError("there is no end of ticks")
        self.now = until
        if self.leave_by is not None and self.leave_by <= self.now and self.can_go_on:
            assert self.state is not State.OPEN or self.is_broken, "it stays when its time is up"

    # -- connections -----------------------------------------------------------------------------------

    def upgrade(self) -> None:
        """The WebSocket is there."""
        self.server.hang_up()
        self._perform(self.protocol.upgraded())

    def answer_setup(self) -> None:
        """``setupComplete`` comes."""
        was = self.state
        if was is State.SETTING_UP:
            self.server.accept(None)
            self._opened_at = self.now
            self._perform(self.protocol.received(COMPLETE, self.now))
            assert self.state is State.OPEN
            return
        self.server.accept(self._presented)
        self.server.forget(self.sent)
        actions = self.protocol.received(COMPLETE, self.now)
        assert self.state is State.OPEN
        *first, reopened = actions
        self._go_on([action for action in first if isinstance(action, Deliver)], reopened.event)
        self._opened_at, self.leave_by = self.now, None
        self._perform([action for action in actions if not isinstance(action, Deliver)])

    def _go_on(self, news: list[Deliver[Any]], event: Any) -> None:
        """The conversation is taken up again, or begins anew."""
        account, restored = self.account, self._presented is not None
        assert self.policy is not None
        became = held(account, self.server, self.policy, restored=restored, news=news, event=event)
        is_known = restored and account.index_came
        for sent in self.sent:
            sent.is_reported = sent.is_reported or sent in became.in_doubt
            sent.is_forgotten = sent.is_forgotten or (
                not is_known and sent.writes > 0 and sent not in became.again
            )
        if became.survived:
            assert account.current is not None
            self.server.go_on(account.current, account.its_calls)
        account.goes_on(survived=became.survived, again=became.again, restored=restored)
        self.user.waits_for += became.repeated
        for action in news:
            self.user.is_given(Item(action.item, lost=tuple(became.gone)))
        assert self._told, "the user was not told that the connection was gone"
        self._told = False
        self.user.is_given(Item(event))

    def end_connection(self, code: int, reason: str, failure: Failure) -> None:
        """The connection is gone; what had not been read by either side is lost with it."""
        if self.writing is not None:
            self.finish_writing("breaks")
        state, went_away = self.state, self.leave_by is not None
        self._disconnect()
        actions = self.protocol.disconnected(code, reason, now=self.now, unsent=self._unsent)
        if state not in LIVE or self.policy is None or self.is_closed_by_user:
            self._ended(actions)
        elif state is State.RESUMING:
            self._attempt_failed(actions, failure)
        else:
            passing = failure in (Failure.PASSING, Failure.EXPIRED) or (went_away and code in IN_ORDER)
            if self.now - self._opened_at >= HEALTHY_SECONDS and passing and self.can_go_on:
                self._dials = 0
            self._dialled(actions, goes_on=passing and self.can_go_on)

    @property
    def _unsent(self) -> tuple[Any, ...]:
        return tuple(sent.message for sent in self.waiting)

    def _disconnect(self) -> None:
        self.server.hang_up()
        self.is_open = self.is_broken = False
        self.breaks_after = None
        if self.policy is not None:
            for sent in [sent for sent in self.waiting if not matters(sent)]:
                sent.raised = True
                self.waiting.remove(sent)

    def _dialled(self, actions: list[Any], *, goes_on: bool) -> None:
        """The first attempt, or the next."""
        assert self.policy is not None
        if not goes_on or self._dials >= self.policy.attempts:
            self._ended(actions)
            return
        (dial,) = actions
        assert isinstance(dial, Dial), f"expected another attempt, got {dial}"
        assert self.state is State.RESUMING
        longest = min(self.policy.longest_pause, self.policy.first_pause * 2 ** max(0, self._dials - 1))
        assert dial.pause == (longest if self._dials else 0.0)
        self._dials += 1
        if dial.event is not None:
            self._reconnecting(dial.event)
        assert self._told

    def _attempt_failed(self, actions: list[Any], failure: Failure) -> None:
        """Another connection could not be had."""
        assert self.policy is not None
        goes_on = failure in (Failure.PASSING, Failure.EXPIRED)
        if failure is Failure.HANDLE and self.policy.fresh_start:
            goes_on, self.account.handle = True, None
        self._dialled(actions, goes_on=goes_on)

    def refuse(self, error: LiveError, failure: Failure) -> None:
        """An attempt fails before there is a WebSocket, or the setup is not answered."""
        state = self.state
        self._disconnect()
        actions = self.protocol.failed(error, unsent=self._unsent)
        if state is State.RESUMING and not self.is_closed_by_user:
            self._attempt_failed(actions, failure)
        else:
            self._ended(actions)

    def fail(self, error: LiveError) -> None:
        """The client cannot go on."""
        if self.writing is not None:
            self.finish_writing("breaks")
        self.protocol.fail(error, 1000)
        self._disconnect()
        self._ended(self.protocol.failed(error, unsent=self._unsent))

    def close(self) -> None:
        """The user wants the end."""
        state = self.state
        actions = self.protocol.close(4000, "enough")
        if state not in (State.CLOSING, State.CLOSED):
            upgraded = state in (State.SETTING_UP, State.OPEN)
            assert actions == ([SendClose(4000, "enough")] if upgraded else [])
            assert self.state is State.CLOSING
            self.is_closed_by_user = True
        self.is_open = False

    def _ended(self, actions: list[Any]) -> None:
        (ended,) = actions
        assert isinstance(ended, Ended), f"expected the end, got {ended}"
        assert self.state is State.CLOSED
        assert self.protocol.ending is ended.ending
        ending = ended.ending
        if self.is_closed_by_user:
            assert (ending.code, ending.in_order) == (4000, True)
        if not ending.in_order:
            assert [id(item) for item in ending.error.unsent] == [id(item) for item in self._unsent]
            in_doubt = [sent.message for sent in self.account.in_doubt]
            assert [id(item) for item in ending.error.in_doubt] == [id(item) for item in in_doubt]
        while self.waiting:
            self.give_up_waiting(0)
        assert self.protocol.next_tick(self.silent_since) is None
