"""The functions that the model has called, and what it makes of their responses.

"Notes" are the project's protocol notes. No threads, sockets or clock.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True)
class Waiting:
    """A call that waits for a response.

    Attributes:
        call: Its ``name`` and ``args``.
        blocks: Whether the model waits with it (BLOCKING).
        continues: Whether a response has come after which others follow (``willContinue``).
    """

    call: Mapping[str, Any]
    blocks: bool
    continues: bool = False


@dataclass(frozen=True)
class Heeded:
    """The function responses of a message that count.

    Attributes:
        responses: All of them.
        spoken_of: Those that the model is to speak of now: not what goes into the context only, nor what
            came for one of several calls that it waits for. Of those, the last brings all.
        interrupts: Whether the model is to speak of them at once (``INTERRUPT``).
    """

    responses: list[Mapping[str, Any]]
    spoken_of: list[Mapping[str, Any]]
    interrupts: bool


@dataclass
class Calls:
    """The calls of one session.

    Attributes:
        waiting: Those that wait for a response, by id.
        given_up: The ids of those that were cancelled or dropped: their responses are ignored.
        dropped: The calls that were dropped in silence, and are still to be made again.
        held: The responses that came while the model waits for others.
    """

    waiting: dict[str, Waiting] = field(default_factory=dict)
    given_up: set[str] = field(default_factory=set)
    dropped: list[Mapping[str, Any]] = field(default_factory=list)
    held: list[Mapping[str, Any]] = field(default_factory=list)

    def copy(self) -> Calls:
        """What is known now: what happens later does not change it."""
        return Calls(dict(self.waiting), set(self.given_up), list(self.dropped), list(self.held))

    def add(self, call_id: str, call: Mapping[str, Any], *, blocks: bool) -> None:
        """The model makes a call."""
        self.waiting[call_id] = Waiting({key: call[key] for key in ("name", "args") if key in call}, blocks)

    def cancel(self, ids: Iterable[str]) -> None:
        """These calls want no response any more."""
        for call_id in ids:
            self.waiting.pop(call_id, None)
            self.given_up.add(call_id)
        if not self._blocks:
            self.held.clear()

    def cancel_blocking(self) -> list[str]:
        """Give up the calls that the model waits with, as it was interrupted; return their ids."""
        ids = [call_id for call_id, waiting in self.waiting.items() if waiting.blocks]
        self.cancel(ids)
        return ids

    def drop(self) -> None:
        """Give up all calls, and remember to make them again."""
        self.dropped += [waiting.call for waiting in self.waiting.values()]
        self.cancel(list(self.waiting))

    def take_dropped(self) -> tuple[Mapping[str, Any], ...]:
        """The calls that are to be made again, and now are."""
        calls = tuple(self.dropped)
        self.dropped.clear()
        return calls

    def heed(self, responses: Collection[Mapping[str, Any]], ignored: Container[str]) -> Heeded:
        """Take in responses.

        Args:
            responses: They come in one message.
            ignored: The ids of calls whose responses are ignored, if they are not waited for. Those with any
                other id count, so that a client can be tested without a call.
        """
        heeded, spoken_of, interrupts = [], [], False
        for response in responses:
            call_id = response.get("id", "")
            waiting = self.waiting.get(call_id)
            if waiting is None and (call_id in self.given_up or call_id in ignored):
                continue
            heeded.append(response)
            says_something = self._take(call_id, response)
            if waiting and waiting.blocks:
                # Scheduling is for calls that the model does not wait with (notes, 3.4).
                self.held += [response] if says_something else []
                continue
            scheduling = response.get("scheduling") or response.get("response", {}).get("scheduling")
            interrupts = interrupts or scheduling == "INTERRUPT"
            if says_something and scheduling != "SILENT":
                spoken_of.append(response)
        if not self._blocks:
            spoken_of, self.held = self.held + spoken_of, []
        return Heeded(heeded, spoken_of, interrupts and not self._blocks)

    def _take(self, call_id: str, response: Mapping[str, Any]) -> bool:
        """Take in a response; tell whether it says something, or only ends a call."""
        waiting = self.waiting.get(call_id)
        if response.get("willContinue"):
            if waiting:
                self.waiting[call_id] = replace(waiting, continues=True)
            return True
        self.waiting.pop(call_id, None)
        return not (waiting and waiting.continues and not response.get("response"))

    @property
    def _blocks(self) -> bool:
        return any(waiting.blocks for waiting in self.waiting.values())
