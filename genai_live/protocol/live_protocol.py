"""The session's protocol: what may happen when, and what to do about it. No threads, sockets or clock.

Its caller tells it what happened, and when, and performs the actions that come back, in their order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Generic, cast

from genai_live.errors import (
    APIError,
    ConnectionClosed,
    ConnectionClosedError,
    LiveError,
    Phase,
    ProtocolError,
)
from genai_live.options import ReconnectPolicy, Watchdogs
from genai_live.protocol.actions import (
    Action,
    CutOff,
    Deliver,
    Dial,
    Ended,
    GiveUp,
    Leaving,
    Opened,
    Reopened,
    SendClose,
    SendMessage,
)
from genai_live.protocol.ending import (
    IN_ORDER,
    Ending,
    closed_by_server,
    closed_by_us,
    failed,
    given_up,
    not_resumed,
)
from genai_live.protocol.events import Reconnected, Reconnecting
from genai_live.protocol.failures import Failure, classify, worth_another_attempt
from genai_live.protocol.function_calls import FunctionCalls, nothing_is_run
from genai_live.protocol.ledger import Ledger, Sent
from genai_live.protocol.messages import ClientMessage, Message
from genai_live.protocol.purposes import Purpose, purpose_of
from genai_live.protocol.resumption import Resumption
from genai_live.protocol.setup import resuming
from genai_live.protocol.states import LIVE, TRANSITIONS, State, Step
from genai_live.protocol.turn_times import TurnTimes
from genai_live.protocol.turns import TurnLost, TurnTracker
from genai_live.types import FunctionCall, LiveClientMessage, LiveServerMessage

LEAVING_SECONDS = 2.0
"""How long the server has to answer the close frame when we leave."""

HEALTHY_SECONDS = 10.0
"""How long a connection must last, if the model says nothing on it, to count as a success."""

_PHASES: dict[State, Phase] = {
    State.NEW: "connecting",
    State.CONNECTING: "connecting",
    State.SETTING_UP: "setting up",
    State.OPEN: "open",
    State.LEAVING: "open",
    State.RESUMING: "resuming",
    State.CLOSING: "closing",
}


class LiveProtocol(Generic[Message]):
    """One session, from its setup to its end, on one connection after another.

    Args:
        setup: The first message.
        turns: Tells where a turn ends.
        policy: How to go on when a connection ends; None to end with it.
        watchdogs: What to take for a failure.
        takes: Whether the session runs a call by itself.

    Attributes:
        state: See the states module.
        answer_to_setup: The server's, of the newest connection.
        ending: How it ended, once it has.
        reconnections: How often it went on, on another connection.
        media_in_doubt: How many messages with media were in doubt then.
    """

    def __init__(
        self,
        setup: ClientMessage,
        *,
        turns: TurnTracker[Message],
        policy: ReconnectPolicy | None = None,
        watchdogs: Watchdogs | None = None,
        takes: Callable[[FunctionCall], bool] = nothing_is_run,
    ) -> None:
        self._setup = setup
        self._turns = turns
        self._policy = policy
        self._watchdogs = watchdogs or Watchdogs()
        first = setup.setup if isinstance(setup, LiveClientMessage) else None
        asked = first.session_resumption if first else None
        history = first.history_config if first else None
        self._history_to_come = bool(history and history.initial_history_in_client_content)
        self.ledger: Ledger[Message] = Ledger(
            turns.ends, turns.belongs, transparent=bool(asked and asked.transparent)
        )
        self._calls = FunctionCalls(self.ledger, takes)
        self.times = TurnTimes(self._watchdogs)
        self._resumption = Resumption(self.ledger, asked.handle if asked else None)
        self._wanted_end: Ending | None = None
        self._lost: ConnectionClosed | None = None
        self._dials = 0
        self._opened_at = self._left_at = 0.0
        self._turns_complete = 0
        self.state = State.NEW
        self.answer_to_setup: Message | None = None
        self.ending: Ending | None = None
        self.reconnections = 0
        self.media_in_doubt = 0

    @property
    def repeated_calls(self) -> int:
        """How many calls came again while or after they were answered, and were not delivered."""
        return self._calls.repeated

    @property
    def resumption_handle(self) -> str | None:
        """The newest handle with which the session could be resumed."""
        return self._resumption.handle

    # -- a connection begins -----------------------------------------------------------------------------

    def connect(self) -> None:
        """The first dial begins."""
        self._step(Step.CONNECT)

    def upgraded(self) -> list[Action[Message]]:
        """The WebSocket is there."""
        if self.state is State.CONNECTING:
            self._step(Step.UPGRADED)
            return [SendMessage(self._setup)]
        if self.state is State.RESUMING:
            setup = cast("LiveClientMessage", self._setup)
            return [SendMessage(resuming(setup, self._resumption.handle))]
        return []

    def _take_answer_to_setup(self, message: Message, now: float) -> list[Action[Message]]:
        if (error := _error_in(message)) is not None:
            raise error
        if message.setup_complete is None:
            raise ProtocolError(f"expected setupComplete as the first message, got {message!r:.200}")
        resumed = self.state is State.RESUMING
        self.answer_to_setup = message
        self._opened_at = now
        self._step(Step.SETUP_COMPLETE)
        return self._go_on() if resumed else [Opened()]

    def _go_on(self) -> list[Action[Message]]:
        policy = cast("ReconnectPolicy", self._policy)
        restored = self._resumption.handle is not None
        calls_survive = restored and self._resumption.calls_survive
        gone = [] if calls_survive else self._calls.cancel_all("the conversation that called was lost")
        cut = self.ledger.cut(restored=restored, resend=policy.resend_in_doubt, calls_survive=calls_survive)
        self._resumption.connected()
        self.times.forget()
        if not restored:
            self._turns_complete = 0
        self.reconnections += 1
        self.media_in_doubt += cut.media_in_doubt
        in_doubt = tuple(sent.message for sent in cut.in_doubt)
        actions: list[Action[Message]] = []
        for _ in range(cut.turns_repeated):
            self._turns.asked()
        if cut.turn_lost:
            self._turns.loss_came()
            lost = cast("ConnectionClosed", self._lost)
            actions.append(Deliver(TurnLost(cut.turns_gone, in_doubt, lost)))
        if cut.turn_restarts:
            actions.append(Deliver(cast("Message", LiveServerMessage(turn_restarted=True))))
        event = Reconnected(restored, in_doubt, cut.turn_lost, len(cut.send_again))
        return [*gone, *actions, Reopened(event)]

    # -- messages ----------------------------------------------------------------------------------------

    def purpose_of(self, message: LiveClientMessage) -> Purpose:
        """What a message does in this conversation; to be asked once, when it is sent.

        Where the setup says so, the first content, up to ``turn_complete``, is history and gets no answer
        (protocol notes, 3.2).
        """
        purpose = purpose_of(message)
        if not self._history_to_come or message.client_content is None:
            return purpose
        self._history_to_come = purpose is not Purpose.ASKS
        return Purpose.FEEDS

    def sending(self, message: Any, purpose: Purpose, size: int, now: float) -> Sent:
        """A message is about to be written; ``not_sent`` must follow if that fails."""
        if not self.ledger.answer_is_due:
            self.times.forget()  # what was waited for was not written after all
        if purpose is Purpose.ASKS or (purpose is Purpose.ANSWERS and self.ledger.waits_for_answer):
            self.times.asked(now)
        if purpose is not Purpose.MEDIA:
            self._resumption.sending()
        sent = self.ledger.begin(message, purpose, size)
        if purpose is Purpose.ANSWERS:
            self._calls.answering(sent, self.reconnections)
        return sent

    def not_sent(self, sent: Sent) -> None:
        """The newest message was not written whole, so nobody has read it."""
        self.ledger.undo(sent)
        if sent.purpose is not Purpose.MEDIA:
            self._resumption.not_sent()

    def wants_answer(self, call: FunctionCall) -> bool:
        """Whether the conversation still waits for the answer to a call."""
        return not call.id or call.id in self.ledger.calls

    def received(self, message: Message, now: float) -> list[Action[Message]]:
        """A message came.

        Raises:
            ProtocolError: It came before ``setupComplete``.
            APIError: It refuses the setup.
        """
        if self.state is State.OPEN or self.state is State.LEAVING:
            return self._take(message, now)
        if self.state is State.CLOSING:
            return []
        return self._take_answer_to_setup(message, now)

    def _take(self, message: Message, now: float) -> list[Action[Message]]:
        actions: list[Action[Message]] = [Deliver(message)]
        if message.unknown_fields and (error := _error_in(message)) is not None:
            beside = bool(message.server_content) or self._turns.belongs(message)
            actions = [Deliver(message), Deliver(error)] if beside else [Deliver(error)]
        if isinstance(message, LiveServerMessage):
            if message.tool_call is not None:
                again = self._calls.take_out_repeated(message, self.reconnections)
                if again is None:
                    return []
                actions += self._calls.answer_again(again)
            self._follow(message, now)
            actions += self._calls.came(message)
        if self.state is State.OPEN and self._should_leave(now):
            actions += self._leave(now)
        return actions

    def _follow(self, message: Message, now: float) -> None:
        of_turn = self._turns.belongs(message)
        ends = self._turns.ends(message)
        asked = self.ledger.received(message)
        live = cast("LiveServerMessage", message)
        self._resumption.received(live, now, of_turn=of_turn)
        if of_turn or ends:
            self._dials = 0
            self._turns_complete += ends
            self.times.came(now, ends=ends or live.tool_call is not None)
        if ends:
            self._turns.end_came(asked=asked)
            if self.ledger.turns_asked:
                self.times.asked(now)  # the next one is waited for from now on

    # -- time --------------------------------------------------------------------------------------------

    def tick(self, now: float, silent_since: float) -> list[Action[Message]]:
        """Time has passed.

        Args:
            now: The time, in seconds.
            silent_since: When the last byte came.
        """
        if self.state is State.LEAVING and now >= self._left_at + LEAVING_SECONDS:
            return [CutOff("the server did not answer the close in time")]
        if self.state is not State.OPEN:
            return []
        idle = self._watchdogs.idle
        overdue = self.times.overdue(now) if self.ledger.answer_is_due else None
        if overdue is None and idle is not None and now >= silent_since + idle:
            overdue = f"nothing at all was received for {idle:g} s"
        if overdue is not None:
            self.times.forget()
            if self._watchdogs.reconnect:
                return [CutOff(overdue)]
            return [GiveUp(given_up(overdue, self.resumption_handle))]
        return self._leave(now) if self._should_leave(now) else []

    def next_tick(self, silent_since: float) -> float | None:
        """When ``tick`` has something to do, if nothing else happens."""
        if self.state is State.LEAVING:
            return self._left_at + LEAVING_SECONDS
        if self.state is not State.OPEN:
            return None
        soonest = self.times.due
        if soonest is not None and not self.ledger.answer_is_due:
            soonest = None
        leave_by, idle = self._resumption.leave_by, self._watchdogs.idle
        if leave_by is not None and self._can_go_on and (soonest is None or leave_by < soonest):
            soonest = leave_by
        if idle is not None and (soonest is None or silent_since + idle < soonest):
            soonest = silent_since + idle
        return soonest

    @property
    def _can_go_on(self) -> bool:
        return self._policy is not None and (self._resumption.handle is not None or self._policy.fresh_start)

    def _should_leave(self, now: float) -> bool:
        if self._resumption.leave_by is None:
            return False
        return self._can_go_on and self._resumption.should_leave(now)

    def _leave(self, now: float) -> list[Action[Message]]:
        self._left_at = now
        self._step(Step.LEAVE)
        return [Leaving(Reconnecting(1000, "the server said that it goes away")), SendClose(1000, "")]

    # -- ends --------------------------------------------------------------------------------------------

    def close(self, code: int, reason: str) -> list[Action[Message]]:
        """The user wants the end; later calls change nothing."""
        return self._want_end(closed_by_us(code, reason, self.resumption_handle), code, reason)

    def fail(self, error: LiveError, code: int) -> list[Action[Message]]:
        """We cannot go on; the server is told the code."""
        return self._want_end(failed(error, code), code, "")

    def _want_end(self, ending: Ending, code: int, reason: str) -> list[Action[Message]]:
        if self.state in (State.CLOSING, State.CLOSED):
            return []
        upgraded = self.state in (State.SETTING_UP, State.OPEN)
        self._wanted_end = ending
        self._step(Step.CLOSE)
        return [SendClose(code, reason)] if upgraded else []

    def disconnected(
        self,
        code: int,
        reason: str,
        cause: BaseException | None = None,
        *,
        now: float = 0.0,
        unsent: Sequence[Any] = (),
    ) -> list[Action[Message]]:
        """The connection is gone: by the server's close frame, or without one (1006).

        Args:
            code: The close code.
            reason: The reason text, or what broke.
            cause: What told us.
            now: The time, in seconds.
            unsent: What waits to be written.
        """
        if self._wanted_end is not None:
            return self._end(self._wanted_end, unsent)
        ending = closed_by_server(code, reason, _PHASES[self.state], self.resumption_handle, cause)
        if self.state is State.RESUMING:
            return self._attempt_failed(ending.error, unsent)
        if self.state not in LIVE or self._policy is None:
            return self._end(ending, unsent)
        leaving = self.state is State.LEAVING
        passing = classify(code, reason) in (Failure.PASSING, Failure.EXPIRED)
        going_away = code in IN_ORDER and self._resumption.leave_by is not None
        if not (passing or going_away):
            return self._end(ending, unsent)
        if not self._can_go_on:
            but = f"; the server gave no handle to resume with, so {self._state}"
            unrestored = closed_by_server(code, reason, "open", None, cause, but=but)
            return self._end(unrestored, unsent)
        self._lost = _closed(ending)
        if now - self._opened_at >= HEALTHY_SECONDS:
            self._dials = 0
        self._step(Step.LOSE)
        return self._dial(unsent, None if leaving else Reconnecting(code, reason))

    @property
    def _state(self) -> str:
        turns = self._turns_complete
        return f"the conversation so far ({turns} turn{'' if turns == 1 else 's'}) is lost"

    def _dial(
        self, unsent: Sequence[Any], event: Reconnecting | None, cause: LiveError | None = None
    ) -> list[Action[Message]]:
        policy, lost = cast("ReconnectPolicy", self._policy), cast("ConnectionClosed", self._lost)
        if self._dials >= policy.attempts:
            why = (
                f"{self._dials} attempts at another connection failed or did not last, the last one with:"
                f" {cause or lost}"
            )
            return self._end(not_resumed(lost, why, cause), unsent)
        pause = (
            min(policy.longest_pause, policy.first_pause * 2.0 ** (self._dials - 1)) if self._dials else 0.0
        )
        self._dials += 1
        return [Dial(pause, event)]

    def _attempt_failed(self, error: LiveError, unsent: Sequence[Any]) -> list[Action[Message]]:
        policy, lost = cast("ReconnectPolicy", self._policy), cast("ConnectionClosed", self._lost)
        self._step(Step.LOSE)
        if isinstance(error, ConnectionClosed) and classify(error.code, error.reason) is Failure.HANDLE:
            if not policy.fresh_start:
                why = f"the server does not know the session any more, so {self._state}: {error}"
                return self._end(not_resumed(lost, why, error), unsent)
            self._resumption.handle = None
        elif not worth_another_attempt(error):
            cause = failed(error).error
            return self._end(not_resumed(lost, f"another connection was refused: {cause}", cause), unsent)
        return self._dial(unsent, None, error)

    def failed(self, error: LiveError, *, unsent: Sequence[Any] = ()) -> list[Action[Message]]:
        """The connection could not be made, or had to be given up."""
        if self._wanted_end is None and self.state is State.RESUMING:
            return self._attempt_failed(error, unsent)
        return self._end(self._wanted_end or failed(error), unsent)

    def give_up(self, error: LiveError) -> list[Action[Message]]:
        """The session ends, whatever it was doing."""
        return self._end(self._wanted_end or failed(error), ())

    def _end(self, ending: Ending, unsent: Sequence[Any]) -> list[Action[Message]]:
        self._step(Step.END)
        self.ending = ending.leaving(unsent, self.ledger.in_doubt)
        return [Ended(ending)]

    def _step(self, step: Step) -> None:
        self.state = TRANSITIONS[self.state, step]


def _closed(ending: Ending) -> ConnectionClosed:
    error = ending.error
    if isinstance(error, ConnectionClosed):
        return error
    cause = error.__cause__
    assert isinstance(cause, ConnectionClosedError)  # noqa: S101 - an AuthenticationError made of a close
    return cause


def _error_in(message: Message) -> APIError | None:
    """The service documents no error message; a gateway in front of it may send one."""
    unknown = message.unknown_fields
    error: Any = unknown.get("error")
    if error is None and {"code", "message"} <= unknown.keys():
        error = unknown
    if not isinstance(error, dict):
        return None
    code, status, text = error.get("code"), error.get("status"), error.get("message")
    return APIError(
        f"the server sent an error: {' '.join(str(part) for part in (code, status, text) if part)}",
        code=code if isinstance(code, int) else None,
        status=status if isinstance(status, str) else None,
        body=error,
    )
