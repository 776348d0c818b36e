"""The functions that the model calls in a chat, and what is shown of them. Runs in the main thread."""

from __future__ import annotations

import json
from typing import Any

from genai_live.cli.printing import Printer
from genai_live.protocol import FunctionAnswered
from genai_live.session.awaited_results import AwaitedResults
from genai_live.types import FunctionCall, LiveServerMessage

_LONGEST = 200
"""Characters of the arguments, and of an answer, that are shown."""


class CalledFunctions:
    """Follows the calls that the session runs, for one question, and shows how each was answered.

    Args:
        printer: Shows it.
    """

    def __init__(self, printer: Printer) -> None:
        self._printer = printer
        self.forget()

    def forget(self) -> None:
        """Waits for none of them any more; how they are answered is still shown."""
        self._results = AwaitedResults()
        self._running: dict[int, FunctionCall] = {}

    @property
    def pending(self) -> bool:
        """Whether one is running, or the model has yet to speak of its answer."""
        return self._results.pending

    @property
    def running(self) -> bool:
        """Whether one is running, so that the model's silence is no fault."""
        return bool(self._running)

    def came(self, message: LiveServerMessage, *, ends_turn: bool) -> None:
        """A message came."""
        calls = message.tool_call.function_calls if message.tool_call else None
        self._running |= {id(call): call for call in calls or [] if call.handled}
        self._results.came(message)
        if ends_turn:
            self._results.turn_ended()

    def answered(self, event: FunctionAnswered) -> None:
        """A call was answered, or cancelled."""
        if event.response is None or not event.response.will_continue:
            self._running.pop(id(event.call), None)
        self._results.answered(event)
        self._printer.note(told(event))


def told(event: FunctionAnswered) -> str:
    """A call and its answer, in one line."""
    arguments = ", ".join(f"{name}={value!r}" for name, value in (event.call.args or {}).items())
    call = f"{event.call.name}({_shortened(arguments)})"
    if event.response is None:
        return f"{call} was cancelled after {event.seconds:.1f} s"
    answer = _shortened(_json(event.response.response))
    if event.response.will_continue:
        return f"{call} answered {answer} after {event.seconds:.1f} s, and goes on"
    return f"{call} answered {answer} in {event.seconds:.1f} s"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
