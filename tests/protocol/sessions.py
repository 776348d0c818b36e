"""The protocol of one session, and what happens to it."""

from collections.abc import Iterable
from typing import Any

from genai_live import types
from genai_live.options import ReconnectPolicy
from genai_live.protocol import LiveProtocol, Purpose, State, purpose_of, turns_of
from tests.protocol.messages import COMPLETE, handle

SETUP = types.LiveClientMessage(setup=types.LiveClientSetup(model="models/m"))
DEFAULTS = ReconnectPolicy()


def opened(
    *first: types.LiveServerMessage, policy: ReconnectPolicy | None = DEFAULTS, **arguments: Any
) -> Any:
    """A session that is open, and has had these messages.

    Args:
        first: A usable handle unless something is given.
        policy: The session's.
        arguments: Further ones of LiveProtocol.
    """
    arguments = {"setup": SETUP, "turns": turns_of("gemini-3.8-live"), **arguments}
    session = LiveProtocol(policy=policy, **arguments)
    session.connect()
    session.upgraded()
    session.received(COMPLETE, 0.0)
    come(session, *(first or (handle(),)))
    return session


def send(session: Any, *messages: Any, now: float = 0.0) -> None:
    """Messages are written whole."""
    for message in messages:
        session.sending(message, Purpose.FEEDS if isinstance(message, dict) else purpose_of(message), 1, now)


def come(session: Any, *messages: types.LiveServerMessage, now: float = 0.0) -> list[Any]:
    """Messages come; returns what is to be done at the last one."""
    actions: list[Any] = []
    for message in messages:
        actions = session.received(message, now)
    return actions


def lose(
    session: Any, code: int = 1006, reason: str = "", *, now: float = 0.0, unsent: Iterable[Any] = ()
) -> Any:
    """The connection ends; returns the one thing that is to be done."""
    (action,) = session.disconnected(code, reason, now=now, unsent=tuple(unsent))
    return action


def reopen(session: Any, *, now: float = 0.0) -> list[Any]:
    """Another connection is there; returns what is to be done."""
    assert session.state is State.RESUMING
    session.upgraded()
    return session.received(COMPLETE, now)
