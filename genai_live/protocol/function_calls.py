"""The calls of the model: which are news, which are run by the session, and which are cancelled.

No threads, sockets or clock.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from genai_live.protocol.actions import AnswerAgain, CancelCalls, RunCalls
from genai_live.protocol.ledger import Ledger, Sent
from genai_live.types import FunctionCall, LiveServerMessage

_REMEMBERED = 1000
"""Calls that were run, by id: one that comes again is known for what it is."""


def nothing_is_run(_: FunctionCall) -> bool:
    """All calls are the user's."""
    return False


class FunctionCalls:
    """Follows calls by their ids.

    Args:
        ledger: Knows which of them nobody has answered.
        takes: Whether the session runs a call by itself.

    Attributes:
        repeated: How many came again, and were not delivered.
    """

    def __init__(self, ledger: Ledger[Any], takes: Callable[[FunctionCall], bool]) -> None:
        self._ledger = ledger
        self._takes = takes
        self._run: dict[str, int | None] = {}
        self.repeated = 0

    def take_out_repeated(self, message: LiveServerMessage, connection: int) -> list[FunctionCall] | None:
        """Takes out of a message the calls that came before.

        Args:
            message: It has a tool call.
            connection: Which connection of the session it came on.

        Returns:
            Those of them that were answered on an earlier connection, where the answer was lost; None if
            nothing is left of the message, and nothing is to be done.
        """
        tool_call: Any = message.tool_call
        known = dict(self._ledger.calls)
        new: list[FunctionCall] = []
        again: list[FunctionCall] = []
        for call in tool_call.function_calls or []:
            answered_on = self._run.get(call.id or "")
            if answered_on is not None:
                if answered_on < connection and call.id not in known:
                    again.append(call)
            elif call.id not in known:
                new.append(call)
            if call.id:
                known[call.id] = None
        if len(new) < len(tool_call.function_calls or []):
            self.repeated += len(tool_call.function_calls) - len(new)
            tool_call.function_calls = new
            if not new:
                message.tool_call = None
                if message == LiveServerMessage() and not again:
                    return None
        return again

    def answer_again(self, calls: Sequence[FunctionCall]) -> list[AnswerAgain]:
        """Has calls answered once more that were run before."""
        for call in calls:
            self._ledger.calls[call.id or ""] = None
        return [AnswerAgain(tuple(calls))] if calls else []

    def came(self, message: LiveServerMessage) -> list[RunCalls | CancelCalls]:
        """What to do with the calls of a message, and with those that it ends."""
        actions: list[RunCalls | CancelCalls] = []
        if message.tool_call is not None:
            actions += self._run_calls(message.tool_call.function_calls or [])
        if message.tool_call_cancellation is not None:
            ids = tuple(message.tool_call_cancellation.ids or ())
            actions.append(CancelCalls(ids, "the model cancelled it"))
        if message.server_content is not None and message.server_content.interrupted:
            actions += self.cancel_all("the user interrupted the model")
        return actions

    def _run_calls(self, calls: Sequence[FunctionCall]) -> list[RunCalls]:
        run = tuple(call for call in calls if self._takes(call))
        for call in run:
            call.handled = True
            if call.id:
                self._run[call.id] = None
        while len(self._run) > _REMEMBERED:
            del self._run[next(iter(self._run))]
        return [RunCalls(run)] if run else []

    def cancel_all(self, reason: str) -> list[CancelCalls]:
        """Gives up every call that is being run."""
        ids = tuple(call_id for call_id in self._ledger.calls if call_id in self._run)
        for call_id in ids:
            del self._ledger.calls[call_id]
        return [CancelCalls(ids, reason)] if ids else []

    def answering(self, sent: Sent, connection: int) -> None:
        """A message is about to be written that answers calls."""
        for call_id in sent.answered:
            if call_id in self._run:
                self._run[call_id] = connection
