"""The table of states, and the connection that follows it."""

import itertools
from datetime import timedelta

import pytest

from genai_live import errors, types
from genai_live.options import ReconnectPolicy
from genai_live.protocol import (
    Deliver,
    Ended,
    LiveProtocol,
    Opened,
    SendClose,
    SendMessage,
    State,
    turns_of,
)
from genai_live.protocol.states import TRANSITIONS, Step

SETUP = types.LiveClientMessage(setup=types.LiveClientSetup(model="models/m"))
COMPLETE = types.LiveServerMessage(setup_complete=types.LiveServerSetupComplete())
HANDLE = types.LiveServerMessage(
    session_resumption_update=types.LiveServerSessionResumptionUpdate(new_handle="h", resumable=True)
)
GO_AWAY = types.LiveServerMessage(go_away=types.LiveServerGoAway(time_left=timedelta(seconds=50)))
SOMETHING = types.LiveServerMessage(server_content=types.LiveServerContent(turn_complete=True))


def _new(policy: ReconnectPolicy | None = None) -> LiveProtocol:
    return LiveProtocol(SETUP, turns=turns_of("gemini-3.8-live"), policy=policy)


def _in(state: State) -> LiveProtocol:
    connection = _new(ReconnectPolicy() if state in (State.LEAVING, State.RESUMING) else None)
    if state is State.NEW:
        return connection
    connection.connect()
    if state is State.CONNECTING:
        return connection
    connection.upgraded()
    if state is State.SETTING_UP:
        return connection
    connection.received(COMPLETE, 0.0)
    if state in (State.LEAVING, State.RESUMING):
        connection.received(HANDLE, 0.0)
        connection.received(GO_AWAY, 0.0)
    if state is State.RESUMING:
        connection.disconnected(1000, "")
    if state is State.CLOSING:
        connection.close(1000, "")
    if state is State.CLOSED:
        connection.disconnected(1000, "")
    return connection


@pytest.mark.parametrize("state", State)
def test_every_state_can_be_reached(state):
    """The helper of these tests gets there."""
    assert _in(state).state is state


def test_every_state_but_the_last_can_end_and_the_last_is_final():
    """END leads to CLOSED from everywhere, and nothing leads out of it."""
    live = set(State) - {State.CLOSED}
    assert {state for state, step in TRANSITIONS if step is Step.END} == live
    assert all(state in live for state, _ in TRANSITIONS)
    assert {TRANSITIONS[state, Step.END] for state in live} == {State.CLOSED}


def test_no_sequence_of_steps_leads_astray():
    """From NEW, every sequence of legal steps reaches CLOSED with END, and no state outside the table."""
    for steps in itertools.product(Step, repeat=5):
        state = State.NEW
        for step in steps:
            state = TRANSITIONS.get((state, step), state)
        assert state is State.CLOSED or TRANSITIONS[state, Step.END] is State.CLOSED


def test_the_way_to_open():
    """The upgrade sends the setup; its answer opens the session."""
    connection = _new()
    connection.connect()
    assert connection.upgraded() == [SendMessage(SETUP)]
    assert connection.received(COMPLETE, 0.0) == [Opened()]
    assert connection.answer_to_setup == COMPLETE
    assert connection.received(SOMETHING, 0.0) == [Deliver(SOMETHING)]


@pytest.mark.parametrize("state", [State.NEW, State.CONNECTING, State.SETTING_UP, State.OPEN])
def test_close_sends_a_close_frame_once_there_is_a_websocket(state):
    """Before the upgrade there is nobody to tell; a second close changes nothing."""
    connection = _in(state)
    expected = [SendClose(4000, "x")] if state in (State.SETTING_UP, State.OPEN) else []
    assert connection.close(4000, "x") == expected
    assert connection.state is State.CLOSING
    assert connection.close(1000, "") == []
    (ended,) = connection.disconnected(1006, "cut")
    assert (ended.ending.code, ended.ending.reason) == (4000, "x")
    assert ended.ending.in_order


def test_what_comes_after_our_close_is_dropped():
    """A session that closes delivers nothing more."""
    assert _in(State.CLOSING).received(SOMETHING, 0.0) == []


def test_an_upgrade_after_close_sends_nothing():
    """A close during the dial wins."""
    connection = _in(State.CONNECTING)
    connection.close(1000, "")
    assert connection.upgraded() == []


@pytest.mark.parametrize(
    ("state", "phase"),
    [(State.CONNECTING, "connecting"), (State.SETTING_UP, "setting up"), (State.OPEN, "open")],
)
def test_the_end_tells_its_phase(state, phase):
    """What the connection was doing is in the exception."""
    connection = _in(state)
    (ended,) = connection.disconnected(1011, "Internal error encountered.")
    assert isinstance(ended.ending.error, errors.ConnectionClosedError)
    assert ended.ending.error.phase == phase
    assert connection.ending is ended.ending


def test_a_close_with_1000_is_in_order_only_once_open():
    """A server that closes politely in place of the setup's answer has refused."""
    (opened,) = _in(State.OPEN).disconnected(1000, "")
    assert isinstance(opened.ending.error, errors.ConnectionClosedOK)
    (refused,) = _in(State.SETTING_UP).disconnected(1000, "")
    assert isinstance(refused.ending.error, errors.ConnectionClosedError)


def test_the_newest_usable_handle_is_kept_and_told():
    """Only a resumable update with a handle counts; the exception carries it."""
    connection = _in(State.OPEN)
    for handle, resumable in (("a", True), ("b", False), ("", True), ("c", True), (None, True)):
        update = types.LiveServerSessionResumptionUpdate(new_handle=handle, resumable=resumable)
        connection.received(types.LiveServerMessage(session_resumption_update=update), 0.0)
    assert connection.resumption_handle == "c"
    (ended,) = connection.disconnected(1006, "cut")
    assert ended.ending.error.resumption_handle == "c"


def test_a_failure_ends_with_its_own_error():
    """What made us give up is what everybody is told."""
    error = errors.ProtocolError("nonsense")
    connection = _in(State.OPEN)
    assert connection.fail(error, 1002) == [SendClose(1002, "")]
    assert connection.failed(error) == [Ended(connection.ending)]
    assert connection.ending.error is error


@pytest.mark.parametrize(
    "unknown", [{"error": {"code": 400, "message": "bad"}}, {"code": 400, "message": "bad"}]
)
def test_an_error_is_an_error_in_both_forms(unknown):
    """Gateways send it wrapped or flat."""
    (action,) = _in(State.OPEN).received(types.LiveServerMessage(unknown_fields=unknown), 0.0)
    assert isinstance(action.item, errors.APIError)
    assert action.item.code == 400
    with pytest.raises(errors.APIError):
        _in(State.SETTING_UP).received(types.LiveServerMessage(unknown_fields=unknown), 0.0)


def test_content_beside_an_error_is_not_lost():
    """A message that holds both is delivered, then raised."""
    both = types.LiveServerMessage(
        server_content=types.LiveServerContent(turn_complete=True), unknown_fields={"error": {"code": 1}}
    )
    first, second = _in(State.OPEN).received(both, 0.0)
    assert first.item is both
    assert isinstance(second.item, errors.APIError)
