"""What the service knows of a session, over all of its connections. No sockets."""

import base64
import random
from collections.abc import Callable
from typing import Any

import attrs

from tests.soak.plan import Plan
from tests.soak.runs import Runs


@attrs.define
class Visit:
    """One connection of a session.

    Attributes:
        first: The number of the first message that was sent to the client on it.
        last: Of the last one.
        heard: How many messages of the client were heard.
        audio: The chunks of audio among them.
        read_to_the_end: Whether the client answered our close frame, so it has read all before.
        left: Whether the client closed.
        ended_at: When it ended.
    """

    first: int
    last: int
    heard: int = 0
    audio: Runs = attrs.Factory(Runs)
    read_to_the_end: bool = False
    left: bool = False
    ended_at: float | None = None


@attrs.frozen
class Pending:
    """A call that waits for its answer."""

    call_id: str
    question: int


@attrs.frozen
class _Snapshot:
    pending: Pending | None
    cut_off: Pending | None
    state: int


class Conversation:
    """One session of a client.

    A handle of the once-a-connection kind names the session as it is whenever it is used; others hold it as
    it was when they were given. A turn that a connection has cut off is not taken up again, but for this: a
    call
    is still waited for; and where its answer comes once more, what the model makes of it is said once more.

    Args:
        plan: Its kind.
        random_here: Makes its decisions.

    Attributes:
        visits: Its connections.
        refusals: How often a resumption was refused in a row.
        pending: The call that waits.
        may_call: Whether its client can know by now that handles recur, and so that one may lack a call.
        end_connection: Cuts the connection that is open; None where there is none.
    """

    def __init__(self, plan: Plan, random_here: random.Random) -> None:
        self.plan = plan
        self.random = random_here
        self.visits: list[Visit] = []
        self.refusals = 0
        self.pending: Pending | None = None
        self._cut_off: Pending | None = None
        self.may_call = plan.handles == "once"
        self.end_connection: Callable[[], object] | None = None
        self._handles: dict[str, _Snapshot] = {}
        self._handles_here = 0
        self._number = 0
        self._calls = 0
        self._problems: list[str] = []
        self._content: list[tuple[str, int]] = []
        self._state: list[tuple[str, int]] = []

    def admit(self, handle: str | None) -> Visit | None:
        """A connection for the session that the handle names, or a new one; None if there is no such."""
        if handle is None and self.visits:
            self._problems.append("a second connection came without a handle")
        if handle is not None:
            snapshot = self._handles.get(handle)
            if snapshot is None:
                self._problems.append(f"the handle {handle!r} was never given to this session")
                return None
            if self.plan.handles != "once":
                self.pending, self._cut_off = snapshot.pending, snapshot.cut_off
                del self._state[snapshot.state :]
        self._handles_here = 0
        self.visits.append(Visit(self._number + 1, self._number))
        return self.visits[-1]

    def next_number(self, visit: Visit) -> int:
        """Of the next message to the client."""
        self._number += 1
        visit.last = self._number
        return self._number

    def new_handle(self, visit: Visit) -> dict[str, Any]:
        """For a sessionResumptionUpdate."""
        handle = f"{self.plan.number}-{len(self._handles)}"
        self._handles[handle] = _Snapshot(self.pending, self._cut_off, len(self._state))
        self._handles_here += 1
        self.may_call = self.may_call or self._handles_here > 2
        update: dict[str, Any] = {"newHandle": handle, "resumable": True}
        if self.plan.is_transparent and visit.heard:
            update["lastConsumedClientMessageIndex"] = str(visit.heard)
        return update

    def call(self, question: int) -> str:
        """The model calls a function."""
        self._calls += 1
        self.pending = Pending(f"call-{self.plan.number}-{self._calls}", question)
        return self.pending.call_id

    def answered(self, message: dict[str, Any]) -> int | None:
        """The question whose turn goes on with this answer; None where nobody waits for it."""
        (response,) = message["toolResponse"]["functionResponses"]
        for call in (self.pending, self._cut_off):
            if call is not None and response["id"] == call.call_id:
                self.pending, self._cut_off = None, call
                return call.question
        return None

    def moved_on(self) -> None:
        """A turn is over, or another question came: nobody waits for a call any more."""
        self.pending = self._cut_off = None

    def heard(self, visit: Visit, message: dict[str, Any]) -> tuple[str, int]:
        """Keeps what came; returns its kind and its number."""
        kind, number = _kind_and_number(message)
        visit.heard += 1
        if kind == "audio":
            visit.audio.add(number)
        else:
            self._content.append((kind, number))
        if self.plan.is_transparent:
            self._state.append((kind, number))
        return kind, number

    def report(self) -> dict[str, Any]:
        """All that is to be compared with what the client knows."""
        return {
            "visits": self.visits,
            "problems": self._problems,
            "content": self._content,
            "state": self._state,
        }


def _kind_and_number(message: dict[str, Any]) -> tuple[str, int]:
    ((name, content),) = message.items()
    if name == "toolResponse":
        return "response", content["functionResponses"][0]["response"]["number"]
    if name == "contextUpdate":
        return _spoken(content["systemInstruction"]["parts"][0]["text"])
    if name == "clientContent":
        return _spoken(content["turns"][0]["parts"][0]["text"])
    if "audio" in content:
        return "audio", int.from_bytes(base64.b64decode(content["audio"]["data"][:8])[:4], "big")
    return _spoken(content["text"])


def _spoken(text: str) -> tuple[str, int]:
    kind, number = text.split()
    return kind, int(number)
