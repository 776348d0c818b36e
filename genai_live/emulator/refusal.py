"""The one way in which the service says no: a close frame with a code and a reason.

No threads, sockets or clock.
"""

from __future__ import annotations

REASON_BYTES = 123
"""The most that a close reason may have: 125 of a control frame, less two of the code (RFC 6455, 5.5)."""

INVALID_ARGUMENT = "Request contains an invalid argument."
"""What the service says when it says nothing more exact."""

FAILED_PRECONDITION = "Precondition check failed."
"""What 3.1 says to several things that it does not take (protocol notes, 4)."""

INTERNAL_ERROR = "Internal error encountered."
"""What it says of its own faults, and to clients that resume too early (protocol notes, 3.5 and 4)."""

NOT_FOUND = "Requested entity was not found."
"""What it says to a handle that it does not know (protocol notes, 3.5)."""

ABORTED = "The operation was aborted."
"""What the service says to a client that was silent for too long (protocol notes, 3.5)."""

GO_AWAY_IGNORED = (
    "Connection aborted because the client failed to close the connection after receiving a GoAway signal "
    "once the session duration limit was reached."
)
"""What it says after goAway; a close frame holds its beginning (protocol notes, 3.5)."""


class Refusal(Exception):
    """The connection is to be closed with this code and reason (protocol notes, 4).

    Attributes:
        code: The close code.
        reason: As much of the reason as a close frame holds.
        whole_reason: All of it, for an answer over HTTP.
    """

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"{code} {reason}")
        self.code = code
        self.whole_reason = reason
        self.reason = cut_reason(reason)


def cut_reason(reason: str) -> str:
    """Cut a reason to what a close frame can carry, between two characters."""
    return reason.encode()[:REASON_BYTES].decode(errors="ignore")
