"""A server that knows exactly what reached it on each connection, and to which turn everything belongs.

Client and server see each other late: what is written waits in ``inbound`` until it is consumed, what the
server says waits in ``outbound`` until the client reads it, and both are lost with the connection.

It keeps to what the real one is known or assumed to do (protocol notes, 2.5, 3.3 to 3.5):

- Turns end in the order in which they were asked for, an interrupted one too.
- It speaks unasked only while nothing is under way, as nobody could tell that turn from an asked one else.
- A call ends its turn at once (3.8, Vertex AI), or the turn stands still until it is answered.
- Handles: none, or one that names the session itself, or many, each of which holds what was there then.
- Where a handle names the session, the client has seen what became of a turn that stood still.
- After a resumption it goes on with a turn only if that stood still for calls and the client counts on it.
"""

from __future__ import annotations

from collections import deque
from typing import Any

import attrs

from genai_live import types
from genai_live.protocol import Purpose
from tests.protocol.messages import (
    IDLE,
    IN_PROGRESS,
    cancellation,
    content,
    end,
    handle,
    heard,
    spoken,
    tool_call,
    words,
)


@attrs.define(eq=False)
class Turn:
    """A turn of the model; as the server has it.

    Attributes:
        ask: The message that asked for it, or None.
        feeds: What was added to it before it began.
        stands_for: The calls that it stands still for.
    """

    ask: Mine | None = None
    feeds: list[Mine] = attrs.field(factory=list)
    stands_for: set[str] = attrs.field(factory=set)


@attrs.define(eq=False)
class Mine:
    """A message of the user's.

    Attributes:
        number: Which one, in the order of the calls.
        message: What is sent.
        purpose: What it does.
        answers: The calls that it answers for good.
        activity: Whether it says that the user begins to speak, or no longer does; None for neither.
        turn: The turn that it asks for, of its newest writing.
        ahead: The turns that were open when it was written.
        waited_in: Of an answer: the turn that stood still and needed it, if one did.
        unblocks: Likewise: whether a turn stood still when it was written.
        late: Likewise: whether the user was told, before it was written, that the turn which called is over.
        consumed_at: When the server took it, by its own clock; None if its state does not hold it.
        first_written: Its place among all that was written whole, from 1 on.
        writes: How often it was written whole.
        was_consumed: Whether the server ever took it.
        raised: Whether its caller was told that it was not sent.
        is_reported: Whether the user was told that it is in doubt.
        is_forgotten: Whether it was written before the server said what its handles hold.
    """

    number: int
    message: Any
    purpose: Purpose
    answers: tuple[str, ...] = ()
    activity: bool | None = None
    turn: Turn | None = None
    ahead: tuple[Turn, ...] = ()
    waited_in: Turn | None = None
    unblocks: bool = False
    late: bool = False
    consumed_at: int | None = None
    first_written: int = 0
    writes: int = 0
    was_consumed: bool = False
    raised: bool = False
    is_reported: bool = False
    is_forgotten: bool = False


@attrs.frozen(eq=False)
class Snapshot:
    """What a handle holds."""

    log: tuple[Mine, ...]
    calls: tuple[str, ...]


@attrs.frozen(eq=False)
class Frame:
    """A message of the server's, and what it means.

    Attributes:
        message: The message.
        at: When it was said, by the server's clock.
        turn: The turn that it is a part of, or None.
        ends: Whether it is the last of it.
        content: Whether the model says or does something by it.
        calls: The ids of the calls in it.
        cancels: The ids of the calls that it takes back.
        handle: A handle that can be used, or None.
        index: What it says that the handle holds, or None.
        is_error: Whether there is an error in it.
    """

    message: types.LiveServerMessage
    at: int
    turn: Turn | None = None
    ends: bool = False
    content: bool = False
    calls: tuple[str, ...] = ()
    cancels: tuple[str, ...] = ()
    handle: str | None = None
    index: int | None = None
    is_error: bool = False


ERROR = {"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "message": "slow down"}}
"""What a gateway adds to a message."""


class Server:
    """See the module.

    Args:
        handles: "none", "one" or "many".
        transparent: Whether it says what each handle holds.

    Attributes:
        log: What the state of the conversation holds, in order.
        turns: What is asked for or under way; the first one speaks.
        calls: The calls that nobody has answered, with the turn that stands still for each.
        inbound: What was written and not consumed.
        outbound: What was said and not read.
        snapshots: What each handle holds.
    """

    def __init__(self, handles: str, *, transparent: bool) -> None:
        self.handles = handles
        self.transparent = transparent
        self.log: list[Mine] = []
        self.turns: deque[Turn] = deque()
        self.calls: dict[str, Turn | None] = {}
        self.inbound: deque[Mine] = deque()
        self.outbound: deque[Frame] = deque()
        self.snapshots: dict[str, Snapshot] = {}
        self._feeds: list[Mine] = []
        self._clock = 0
        self._count = 0
        self._serial = self._calls_named = 0
        self._handles_here = 0

    def _name(self, kind: str) -> str:
        self._serial += 1
        return f"{kind}-{self._serial}"

    def _name_call(self) -> str:
        self._calls_named += 1
        return f"call-{self._calls_named}"

    # -- connections -----------------------------------------------------------------------------------

    def hang_up(self) -> None:
        """The connection is gone, and what was under way on it."""
        self.inbound.clear()
        self.outbound.clear()

    def accept(self, handle: str | None) -> None:
        """A connection begins, with the state that the handle holds."""
        self.hang_up()
        self._count = self._handles_here = 0
        if handle is None:
            self.log, self.calls = [], {}
            self._calls_named = 0  # another conversation may name its calls alike
        elif self.handles == "many":
            snapshot = self.snapshots[handle]
            self.log, self.calls = list(snapshot.log), dict.fromkeys(snapshot.calls)
        self.calls = dict.fromkeys(self.calls)  # no turn stands still for them, unless one goes on
        self.turns.clear()
        self._feeds = []

    def knows_of(self, calls: set[str]) -> bool:
        """Whether the state that was restored waits for the answers to these, or has them."""
        return calls <= set(self.calls) | {call for sent in self.log for call in sent.answers}

    def holds_calls(self, handle: str | None, calls: set[str]) -> bool:
        """Whether what the handle names knows of these."""
        if self.handles == "one":
            return self.knows_of(calls)
        snapshot = self.snapshots[handle]
        return calls <= set(snapshot.calls) | {call for sent in snapshot.log for call in sent.answers}

    def go_on(self, turn: Turn, calls: set[str]) -> None:
        """The client counts on the turn, which stood still for these calls."""
        self.turns.append(turn)
        turn.stands_for = {call for call in calls if call in self.calls}
        self.calls.update(dict.fromkeys(turn.stands_for, turn))

    def forget(self, sent: list[Mine]) -> None:
        """What the state does not hold was not consumed, as far as it goes."""
        log = set(self.log)
        for message in sent:
            if message not in log:
                message.consumed_at = None

    # -- the client's messages -------------------------------------------------------------------------

    def consume(self, *, interrupts: bool, cancels: bool = False) -> None:
        """Takes the next message.

        Args:
            interrupts: Whether a question ends the turn that is under way, rather than wait for its end.
            cancels: Whether the calls of that are taken back, rather than forgotten.
        """
        sent = self.inbound.popleft()
        self._clock += 1
        self._count += 1
        sent.consumed_at, sent.was_consumed = self._clock, True
        self.log.append(sent)
        if sent.purpose is Purpose.ASKS:
            assert sent.turn is not None
            sent.turn.feeds, self._feeds = self._feeds, []
            if interrupts and self.turns:
                self.interrupt(cancels=cancels)
            self.turns.append(sent.turn)
        elif sent.purpose is Purpose.FEEDS:
            self._feeds.append(sent)
        for call in sent.answers:
            turn = self.calls.pop(call, None)
            if turn is not None:
                turn.stands_for.discard(call)

    # -- what it says ----------------------------------------------------------------------------------

    def tell(self, message: types.LiveServerMessage, **meaning: Any) -> None:
        """Says something."""
        self._clock += 1
        self.outbound.append(Frame(message, self._clock, **meaning))

    def begin_unasked(self) -> None:
        """It starts to speak by itself, or because of what it heard."""
        self.turns.append(Turn(feeds=self._feeds))
        self._feeds = []

    def say(self, what: str) -> None:
        """Something of the turn that is under way.

        Args:
            what: One of SAYINGS.
        """
        turn = self.turns[0]
        if what in ("words", "words and an error"):
            message = words(self._name("words"))
            message.unknown_fields = ERROR if what == "words and an error" else {}
            self.tell(message, turn=turn, content=True, is_error=what == "words and an error")
        elif what == "spoken words":
            self.tell(spoken(self._name("spoken")), turn=turn, content=True)
        elif what == "heard words":
            self.tell(heard(self._name("heard")), turn=turn)
        elif what == "nothing spoken":
            self.tell(spoken(), turn=turn)
        elif what == "generated":
            self.tell(content(generation_complete=True), turn=turn)
        elif what == "end":
            self._end(end())
        elif what == "interrupted":
            self.interrupt(cancels=False)
        elif what == "idle":
            self.tell(end(interaction_status=IN_PROGRESS), turn=turn)
            self._end(content(interaction_status=IDLE))
        elif what == "idle beside":
            self.tell(end(interaction_status=IN_PROGRESS), turn=turn)
            self._end(types.LiveServerMessage(interaction_status=IDLE))
        else:
            self._call(turn, what)

    def _call(self, turn: Turn, what: str) -> None:
        calls = tuple(self._name_call() for _ in range(2 if what == "two calls" else 1))
        stands = what in ("call", "two calls", "call and an error")
        message = tool_call(*calls)
        message.unknown_fields = ERROR if what == "call and an error" else {}
        self.tell(message, turn=turn, content=True, calls=calls, is_error=bool(message.unknown_fields))
        self.calls.update(dict.fromkeys(calls, turn if stands else None))
        if stands:
            turn.stands_for.update(calls)
        elif what == "call and end":
            self.tell(spoken(), turn=turn)
            self.tell(content(generation_complete=True), turn=turn)
            self._end(end())
        else:
            self.say("words")

    def repeat_calls(self, *, with_a_new_one: bool) -> None:
        """What nobody has answered is called again, in a turn that stands still."""
        turn = self.turns[0]
        calls = tuple(call for call, standing in self.calls.items() if standing is turn)
        if with_a_new_one:
            new = self._name_call()
            self.calls[new] = turn
            turn.stands_for.add(new)
            calls += (new,)
        self.tell(tool_call(*calls), turn=turn, content=True, calls=calls)

    def _end(self, message: types.LiveServerMessage) -> None:
        turn = self.turns.popleft()
        for call, standing in list(self.calls.items()):
            if standing is turn:
                del self.calls[call]
        self.tell(message, turn=turn, ends=True)

    def interrupt(self, *, cancels: bool) -> None:
        """Ends the turn that is under way, in the middle."""
        turn = self.turns[0]
        if cancels and turn.stands_for:
            self.cancel(tuple(turn.stands_for))
        self.tell(content(interrupted=True), turn=turn)
        self._end(end())

    def cancel(self, calls: tuple[str, ...]) -> None:
        """Takes calls back."""
        for call in calls:
            turn = self.calls.pop(call)
            if turn is not None:
                turn.stands_for.discard(call)
        self.tell(cancellation(*calls), cancels=calls)

    @property
    def can_give_handle(self) -> bool:
        """Whether its kind of handles allows another one here."""
        return self.handles == "many" or (self.handles == "one" and not self._handles_here)

    def give_handle(self) -> None:
        """One that can be used."""
        name = self._name("handle")
        self._handles_here += 1
        self.snapshots[name] = Snapshot(tuple(self.log), tuple(self.calls))
        index = (self._count or None) if self.transparent else None
        self.tell(handle(name, index=index), handle=name, index=index)

    def give_no_handle(self, *, named: bool) -> None:
        """An update that says that there is nothing to resume with, whatever else it says."""
        name = self._name("unusable") if named else None
        self.tell(handle(name, resumable=False, index=self._count if self.transparent else None))


SAYINGS = (
    "words",
    "words",
    "spoken words",
    "heard words",
    "nothing spoken",
    "generated",
    "end",
    "end",
    "interrupted",
    "idle",
    "idle beside",
    "call",
    "call",
    "two calls",
    "call and end",
    "call and end",
    "call and go on",
    "words and an error",
    "call and an error",
)
"""What a turn is made of."""
