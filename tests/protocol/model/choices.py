"""What the machine chooses from, and how often."""

from hypothesis import strategies as st

from genai_live import types
from genai_live.errors import AuthenticationError, HandshakeError, LiveTimeout, ProtocolError
from genai_live.options import ReconnectPolicy, Watchdogs
from genai_live.protocol import Purpose
from genai_live.protocol.failures import Failure
from tests.protocol.messages import audio, history, question, realtime
from tests.protocol.model.server import ERROR

POLICIES = (
    ReconnectPolicy(),
    ReconnectPolicy(resend_in_doubt=True),
    ReconnectPolicy(fresh_start=True, attempts=3),
    ReconnectPolicy(fresh_start=True, resend_in_doubt=True),
    *(ReconnectPolicy(attempts=20), ReconnectPolicy(resend_in_doubt=True, attempts=20)),
    None,
)
WATCHDOGS = (
    Watchdogs(),
    Watchdogs(first_byte=8.0, turn=30.0, idle=60.0, reconnect=True),
    Watchdogs(first_byte=8.0, turn=30.0, idle=60.0),
)
WRITINGS = (*["whole"] * 9, "slowly", "breaks", "in vain")
ALL = 1000
OFTEN = st.sampled_from((True, True, False))
RARELY = st.sampled_from((False, False, False, False, False, True))
REFUSALS = (
    (HandshakeError("busy", status=503), Failure.PASSING),
    (HandshakeError("no route"), Failure.PASSING),
    (LiveTimeout("too long"), Failure.PASSING),
    (AuthenticationError("the token endpoint does not answer", retryable=True), Failure.PASSING),
    (HandshakeError("forbidden", status=403), Failure.CREDENTIALS),
    (ProtocolError("nonsense"), Failure.REQUEST),
)
HANDLES = ("one", "one", "many", "many", "many", "none")
OTHER_NEWS = {
    "usage": {"usage_metadata": types.UsageMetadata(total_token_count=1)},
    "empty": {},
    "empty content": {"server_content": types.LiveServerContent()},
    "unknown": {"unknown_fields": {"new": {"error": 1}}},
    "error": {"unknown_fields": ERROR},
}
FIRST_HANDLES = {"one": 1, "many": 2, "none": 0}


KINDS = {
    "question": (Purpose.ASKS, question),
    "text": (Purpose.ASKS, lambda number: realtime(text=str(number))),
    "raw question": (
        Purpose.ASKS,
        lambda number: {"client_content": {"turns": number, "turn_complete": True}},
    ),
    "history": (Purpose.FEEDS, history),
    "activity start": (Purpose.FEEDS, lambda _: realtime(activity_start=types.ActivityStart())),
    "activity end": (Purpose.FEEDS, lambda _: realtime(activity_end=types.ActivityEnd())),
    "context": (
        Purpose.FEEDS,
        lambda _: types.LiveClientMessage(context_update=types.LiveClientContextUpdate()),
    ),
    "raw": (Purpose.FEEDS, lambda number: {"new": number}),
    "audio": (Purpose.MEDIA, lambda _: audio()),
    "video": (Purpose.MEDIA, lambda _: realtime(video=types.Blob(data=b"v", mime_type="image/jpeg"))),
}
"""What the user sends, and what it does; each message is another object."""
