"""What happens to a connection, for ``Session.events``. No threads, sockets or clock."""

from __future__ import annotations

from datetime import timedelta

import attrs

from genai_live.types import LiveServerMessage


@attrs.frozen
class GoingAway:
    """The server will end this connection soon.

    Attributes:
        time_left: Until it does, as the server says; None if it does not say.
        message: The ``goAway`` message itself.
    """

    time_left: timedelta | None
    message: LiveServerMessage
