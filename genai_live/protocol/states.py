"""The states of a session, and every legal way from one to another. No threads, sockets or clock.

NEW
    Nothing has happened. ``Live.connect`` starts the reader thread.
CONNECTING
    Credentials, DNS, TCP, a proxy, TLS, the WebSocket upgrade.
SETTING_UP
    The setup message was sent; only ``setupComplete`` may come.
OPEN
    Messages go both ways. ``Live.connect`` has returned, or is about to.
CLOSING
    We asked for the end: our close frame is on its way, or the dial is being given up. What still comes in
    is dropped, and nothing can be sent.
CLOSED
    The end; ``Connection.ending`` says how. The reader thread is the only one to come here, once.
"""

from __future__ import annotations

import enum


class State(enum.Enum):
    """What a session is doing."""

    NEW = "new"
    CONNECTING = "connecting"
    SETTING_UP = "setting up"
    OPEN = "open"
    CLOSING = "closing"
    CLOSED = "closed"


class Step(enum.Enum):
    """What makes a session change its state."""

    CONNECT = "connect() was called"
    UPGRADED = "the upgrade succeeded"
    SETUP_COMPLETE = "setupComplete came"
    CLOSE = "we want to end it"
    END = "the connection is gone"


TRANSITIONS: dict[tuple[State, Step], State] = {
    (State.NEW, Step.CONNECT): State.CONNECTING,
    (State.CONNECTING, Step.UPGRADED): State.SETTING_UP,
    (State.SETTING_UP, Step.SETUP_COMPLETE): State.OPEN,
    (State.NEW, Step.CLOSE): State.CLOSING,
    (State.CONNECTING, Step.CLOSE): State.CLOSING,
    (State.SETTING_UP, Step.CLOSE): State.CLOSING,
    (State.OPEN, Step.CLOSE): State.CLOSING,
    (State.NEW, Step.END): State.CLOSED,
    (State.CONNECTING, Step.END): State.CLOSED,
    (State.SETTING_UP, Step.END): State.CLOSED,
    (State.OPEN, Step.END): State.CLOSED,
    (State.CLOSING, Step.END): State.CLOSED,
}
"""The one table of transitions; what is not in it cannot happen."""
