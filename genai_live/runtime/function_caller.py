"""What a session asks of whoever runs its functions. Called by the reader thread, and by whoever closes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from genai_live.types import FunctionCall


class FunctionCaller(Protocol):
    """Runs the functions that the model calls; none of these methods may wait."""

    def takes(self, call: FunctionCall) -> bool:
        """Whether this call is run here; others are the user's."""
        ...

    def run(self, calls: Sequence[FunctionCall]) -> None:
        """Has these calls run."""
        ...

    def cancel(self, ids: Collection[str] | None, reason: str) -> None:
        """Cancels the calls with these ids, or all."""
        ...

    def answer_again(self, calls: Sequence[FunctionCall]) -> None:
        """Sends the answers of calls once more that were answered on an earlier connection."""
        ...
