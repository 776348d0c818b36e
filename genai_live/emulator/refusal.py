"""The one way in which the service says no: a close frame with a code and a reason.

No threads, sockets or clock.
"""

from __future__ import annotations

REASON_BYTES = 123
"""The most that a close reason may have: 125 of a control frame, less two of the code (RFC 6455, 5.5)."""

INVALID_ARGUMENT = "Request contains an invalid argument."
"""What the service says when it says nothing more exact."""


class Refusal(Exception):
    """The connection is to be closed with this code and reason (protocol notes, 4)."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"{code} {reason}")
        self.code = code
        self.reason = cut_reason(reason)


def cut_reason(reason: str) -> str:
    """Cut a reason to what a close frame can carry, between two characters."""
    return reason.encode()[:REASON_BYTES].decode(errors="ignore")
