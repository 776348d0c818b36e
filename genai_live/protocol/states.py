"""The states of a session, and every legal way from one to another. No threads, sockets or clock.

NEW
    Nothing has happened. ``Live.connect`` starts the reader thread.
CONNECTING
    Credentials, DNS, TCP, a proxy, TLS, the WebSocket upgrade.
SETTING_UP
    The setup message was sent; only ``setupComplete`` may come.
OPEN
    Messages go both ways. ``Live.connect`` has returned, or is about to.
LEAVING
    The server said that it goes away, so we leave this connection: our close frame is on its way. What still
    comes in is delivered; what is to be sent waits for the next connection.
RESUMING
    There is no connection: another one is waited for, dialled, and set up with the session's handle. What is
    to be sent waits.
CLOSING
    We asked for the end: our close frame is on its way, or the dial is being given up. What still comes in
    is dropped, and nothing can be sent.
CLOSED
    The end; ``LiveProtocol.ending`` says how. The reader thread is the only one to come here, once.
"""

from __future__ import annotations

import enum


class State(enum.Enum):
    """What a session is doing."""

    NEW = "new"
    CONNECTING = "connecting"
    SETTING_UP = "setting up"
    OPEN = "open"
    LEAVING = "leaving"
    RESUMING = "resuming"
    CLOSING = "closing"
    CLOSED = "closed"


class Step(enum.Enum):
    """What makes a session change its state."""

    CONNECT = "connect() was called"
    UPGRADED = "the upgrade succeeded"
    SETUP_COMPLETE = "setupComplete came"
    LEAVE = "the server goes away"
    LOSE = "the connection is gone, and another is to be made"
    CLOSE = "we want to end it"
    END = "the connection is gone"


TRANSITIONS: dict[tuple[State, Step], State] = {
    (State.NEW, Step.CONNECT): State.CONNECTING,
    (State.CONNECTING, Step.UPGRADED): State.SETTING_UP,
    (State.SETTING_UP, Step.SETUP_COMPLETE): State.OPEN,
    (State.OPEN, Step.LEAVE): State.LEAVING,
    (State.OPEN, Step.LOSE): State.RESUMING,
    (State.LEAVING, Step.LOSE): State.RESUMING,
    (State.RESUMING, Step.LOSE): State.RESUMING,
    (State.RESUMING, Step.SETUP_COMPLETE): State.OPEN,
    (State.NEW, Step.CLOSE): State.CLOSING,
    (State.CONNECTING, Step.CLOSE): State.CLOSING,
    (State.SETTING_UP, Step.CLOSE): State.CLOSING,
    (State.OPEN, Step.CLOSE): State.CLOSING,
    (State.LEAVING, Step.CLOSE): State.CLOSING,
    (State.RESUMING, Step.CLOSE): State.CLOSING,
    (State.NEW, Step.END): State.CLOSED,
    (State.CONNECTING, Step.END): State.CLOSED,
    (State.SETTING_UP, Step.END): State.CLOSED,
    (State.OPEN, Step.END): State.CLOSED,
    (State.LEAVING, Step.END): State.CLOSED,
    (State.RESUMING, Step.END): State.CLOSED,
    (State.CLOSING, Step.END): State.CLOSED,
}
"""The one table of transitions; what is not in it cannot happen."""

LIVE = (State.OPEN, State.LEAVING, State.RESUMING)
"""The states in which a session can be used."""
