"""Whether a turn has its last word, or a function has yet to be spoken of. In the reading thread.

Some models stand still until a function is answered, and then finish their turn. Others end the turn at the
call, and speak of the answer in a turn of its own (protocol notes, 2.5 and 3.4).
"""

from __future__ import annotations

import enum
from collections.abc import Sequence

from genai_live.protocol import FunctionAnswered
from genai_live.types import FunctionCall, FunctionResponseScheduling, LiveServerMessage


class _Stage(enum.Enum):
    RUNNING = enum.auto()
    ANSWERED = enum.auto()
    SPOKEN_OF = enum.auto()


class AwaitedResults:
    """Follows the calls that the session runs, from the call to what the model says of the answer."""

    def __init__(self) -> None:
        self._stages: dict[int, _Stage] = {}
        self._running: dict[int, FunctionCall] = {}
        self._parts_spoken_of: dict[int, bool] = {}

    @property
    def pending(self) -> bool:
        """Whether more is to come of a turn that has ended."""
        return bool(self._stages)

    def came(self, message: LiveServerMessage) -> None:
        """A message came."""
        calls = message.tool_call.function_calls if message.tool_call else None
        handled = [call for call in calls or [] if call.handled]
        self._leave_out_what_is_issued_again(handled)
        for call in handled:
            self._stages[id(call)] = _Stage.RUNNING
            self._running[id(call)] = call
        if _says_something(message):
            for key, stage in self._stages.items():
                if stage is _Stage.ANSWERED:
                    self._stages[key] = _Stage.SPOKEN_OF
            self._parts_spoken_of = dict.fromkeys(self._parts_spoken_of, True)

    def answered(self, event: FunctionAnswered) -> None:
        """A call was answered, or cancelled."""
        key, response = id(event.call), event.response
        self._running.pop(key, None)
        if key not in self._stages:
            return
        silent = response is None or response.scheduling is FunctionResponseScheduling.SILENT
        if response is not None and response.will_continue:
            self._parts_spoken_of[key] = silent
        elif response is None or silent or (self._parts_spoken_of.get(key) and not response.response):
            # What ends an answer in parts says nothing by itself.
            del self._stages[key]
        else:
            self._stages[key] = _Stage.ANSWERED

    def _leave_out_what_is_issued_again(self, calls: Sequence[FunctionCall]) -> None:
        """3.8 may drop a call in silence, and make it anew: it says nothing of an answer to the first."""
        for key, earlier in list(self._running.items()):
            if any(call.name == earlier.name and call.args == earlier.args for call in calls):
                del self._running[key], self._stages[key]

    def turn_ended(self) -> None:
        """The turn has ended: what it spoke of is done with."""
        self._stages = {key: stage for key, stage in self._stages.items() if stage is not _Stage.SPOKEN_OF}


def _says_something(message: LiveServerMessage) -> bool:
    content = message.server_content
    if content is None:
        return False
    spoken = content.output_transcription
    return bool((content.model_turn and content.model_turn.parts) or (spoken and spoken.text))
