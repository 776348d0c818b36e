"""Whatever a message says that could be read: the protocol of the session takes it, and goes on."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from genai_live import types
from genai_live.codec import decode
from genai_live.errors import APIError, ProtocolError
from genai_live.options import ReconnectPolicy, Watchdogs
from genai_live.protocol import LIVE, CutOff, Deliver, LiveProtocol, State, no_turns, turns_of
from tests.conformance import damage
from tests.fuzz.server_frames import FRAMES
from tests.protocol.messages import COMPLETE, answer, audio, handle, history, question
from tests.protocol.sessions import SETUP, opened, send

MANY = settings(max_examples=300, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
POLICY = ReconnectPolicy(fresh_start=True, resend_in_doubt=True, attempts=100)
WATCHDOGS = Watchdogs(first_byte=10.0, turn=20.0, reconnect=True)


def read(tree: Any, kind: type[Any] = types.LiveServerMessage) -> Any:
    """The message, or None where it cannot be read."""
    try:
        return decode(json.dumps(tree), kind)
    except ProtocolError:
        return None


messages = damage.messages(FRAMES).map(read).filter(lambda message: message is not None)


def take(session: LiveProtocol[Any], message: Any, now: float) -> None:
    """It is delivered, unless it only says what came before, or an error stands in its place."""
    calls = message.tool_call is not None
    delivered = [action.item for action in session.received(message, now) if isinstance(action, Deliver)]
    errors = [item for item in delivered if isinstance(item, APIError)]
    assert len(errors) <= 1
    assert calls or errors or delivered == [message]


def reconnect(session: LiveProtocol[Any], now: float) -> None:
    """The connection is gone, and there is another."""
    session.disconnected(1006, "it broke", now=now)
    if session.state is State.RESUMING:
        session.upgraded()
        session.received(COMPLETE, now)
        while session.ledger.again:
            sent = session.ledger.again[0]
            session.sending(sent.message, sent.purpose, sent.size, now)
            session.ledger.again.popleft()


@MANY
@given(
    st.lists(messages | st.sampled_from(["question", "history", "audio", "answer", "break"]), max_size=20),
    st.booleans(),
)
def test_any_conversation(events: list[Any], transparent: bool) -> None:
    """It goes on, whatever comes, and time always has something to go on to."""
    setup = types.LiveClientMessage(
        setup=types.LiveClientSetup(session_resumption=types.SessionResumptionConfig(transparent=transparent))
    )
    session = opened(handle(), policy=POLICY, watchdogs=WATCHDOGS, setup=setup)
    own = {"question": question, "history": history, "audio": audio, "answer": lambda: answer("x")}
    for now, event in enumerate(events):
        if event == "break":
            reconnect(session, float(now))
        elif isinstance(event, str):
            send(session, own[event](), now=float(now))
        else:
            take(session, event, float(now))
        due = session.next_tick(float(now))
        if due is not None and due <= now:
            actions = session.tick(float(now), float(now))
            assert actions
            assert session.state is State.LEAVING or isinstance(actions[0], CutOff)
        assert session.state in LIVE
        if session.state is State.LEAVING:
            reconnect(session, float(now))


@MANY
@given(messages)
def test_in_place_of_the_answer_to_the_setup(message: Any) -> None:
    """Only ``setupComplete`` will do: the rest is refused in our own words."""
    session = LiveProtocol(SETUP, turns=turns_of("gemini-3.8-live"))
    session.connect()
    session.upgraded()
    if message.setup_complete is not None and "error" not in message.unknown_fields:
        session.received(message, 0.0)
        assert session.state is State.OPEN
        return
    with pytest.raises((ProtocolError, APIError)):
        session.received(message, 0.0)


@MANY
@given(damage.messages(FRAMES).map(lambda tree: read(tree, types.LiveMusicServerMessage)).filter(bool))
def test_any_music(message: Any) -> None:
    """It has no turns, and no handles."""
    session = LiveProtocol(SETUP, turns=no_turns())
    session.connect()
    session.upgraded()
    session.received(types.LiveMusicServerMessage(setup_complete=types.LiveMusicServerSetupComplete()), 0.0)
    delivered = [action.item for action in session.received(message, 0.0)]
    assert delivered == [message] or any(isinstance(item, APIError) for item in delivered)
