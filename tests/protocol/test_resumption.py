"""When a session that was told that its connection will end leaves it: in a quiet moment, or at the last."""

import pytest

from genai_live import types
from genai_live.options import ReconnectPolicy
from genai_live.protocol import Purpose, State, purpose_of
from genai_live.protocol.resumption import MARGIN, UNKNOWN_TIME_LEFT
from tests.protocol.messages import (
    answer,
    content,
    end,
    go_away,
    handle,
    heard,
    history,
    question,
    realtime,
    spoken,
    tool_call,
    voice,
    words,
)
from tests.protocol.sessions import come, lose, opened, reopen, send

ONE = (handle("the session's"),)
MANY = (handle("first"), handle("second"))


def warned(*first, **arguments):
    """A session whose connection will end in 50 seconds; it has left if it could."""
    session = opened(*first, **arguments)
    return session, lambda *messages: (come(session, *messages), session.state is State.LEAVING)[1]


@pytest.mark.parametrize("first", [ONE, MANY], ids=["one handle", "many"])
def test_between_turns_it_leaves_at_once(first):
    """Nothing is under way, and the handle holds all there is."""
    _, leaves = warned(*first)
    assert leaves(go_away(50))


@pytest.mark.parametrize("first", [ONE, MANY], ids=["one handle", "many"])
def test_in_a_turn_it_stays_until_the_end(first):
    """And, where handles recur, until one holds what was said."""
    session, leaves = warned(*first)
    send(session, question())
    assert not leaves(go_away(50))
    assert not leaves(words(), spoken("x"), content(generation_complete=True))
    assert leaves(end()) is (first is ONE)
    assert first is ONE or leaves(handle("later"))


def test_two_questions_are_two_turns():
    """It stays for both."""
    session, leaves = warned(*ONE)
    send(session, question("1"), question("2"))
    assert not leaves(go_away(50), words(), end())
    assert leaves(words(), end())


@pytest.mark.parametrize("added", [history(), {"new": 1}], ids=["history", "raw"])
def test_where_handles_recur_whatever_was_said_after_the_newest_makes_it_wait(added):
    """It would be lost with the connection."""
    session, leaves = warned(*MANY)
    send(session, added)
    assert not leaves(go_away(50))
    assert leaves(handle("later"))


def test_media_does_not():
    """A microphone that is on would keep it for ever."""
    session, leaves = warned(*MANY)
    send(session, realtime(audio=types.Blob(data=b"", mime_type="audio/pcm")))
    assert leaves(go_away(50))


def test_a_handle_that_cannot_be_used_is_no_fresh_one():
    """Nothing can be resumed at that point."""
    _, leaves = warned(*MANY)
    assert not leaves(handle(None, resumable=False), go_away(50))
    assert leaves(handle("later"))


# -- a call in flight -----------------------------------------------------------------------------


def test_where_handles_recur_a_call_in_flight_waits_for_one_that_holds_it():
    """Then the turn, which stands still, can be taken up elsewhere."""
    session, leaves = warned(*MANY)
    send(session, question())
    assert not leaves(words(), tool_call("c"), go_away(50))
    assert leaves(handle("holds the call"))
    lose(session, 1000)
    (reopened,) = reopen(session)
    assert not reopened.event.turn_lost


def not_sent(session, message):
    """It is begun to be written, and breaks off."""
    session.not_sent(session.sending(message, purpose_of(message), 1, 0.0))


def test_an_answer_that_was_not_written_leaves_the_turn_where_it_stood():
    """The connection broke at it. The handle holds the call, and so the answer is still waited for."""
    session, _ = warned(*MANY)
    send(session, question())
    come(session, tool_call("c"), handle("holds the call"))
    not_sent(session, answer("c"))
    lose(session)
    (reopened,) = reopen(session)
    assert not reopened.event.turn_lost
    assert reopened.event.in_doubt == ()


def test_what_was_not_written_does_not_make_it_wait():
    """Whether a handle came meanwhile or not, it has changed nothing."""
    session, leaves = warned(*MANY)
    not_sent(session, history())
    slow = session.sending(history(), Purpose.FEEDS, 1, 0.0)
    come(session, handle("meanwhile"))
    session.not_sent(slow)
    assert leaves(go_away(50))


def test_an_answer_that_the_model_has_not_gone_on_after_makes_it_wait():
    """Nobody could know whether the handle holds it, so the turn would be lost."""
    session, leaves = warned(*MANY)
    send(session, question())
    come(session, tool_call("c"))
    send(session, answer("c"))
    assert not leaves(go_away(50), handle("holds the answer?"))
    assert not leaves(words())
    assert not leaves(end())
    assert leaves(handle("holds all"))


def test_where_one_handle_names_the_session_a_call_in_flight_stays_with_its_turn():
    """It ends the turn at once on such models, and the call survives."""
    session, leaves = warned(*ONE)
    send(session, question())
    assert not leaves(tool_call("c"), go_away(50))
    assert leaves(end())


def test_one_handle_survives_an_end_in_the_middle_of_a_call():
    """Where handles have not been seen to recur, it names the session; the turn goes on."""
    session, _ = warned(*ONE)
    send(session, question())
    come(session, tool_call("c"))
    lose(session)
    (reopened,) = reopen(session)
    assert not reopened.event.turn_lost


def test_an_older_one_of_many_does_not():
    """It holds the state as it was then: the turn is lost."""
    session, _ = warned(*MANY)
    send(session, question())
    come(session, tool_call("c"))
    lose(session)
    assert reopen(session)[-1].event.turn_lost


def test_in_transparent_mode_every_handle_holds_what_was_there_then():
    """However few have come."""
    asked = types.SessionResumptionConfig(transparent=True)
    setup = types.LiveClientMessage(setup=types.LiveClientSetup(session_resumption=asked))
    session, _ = warned(*ONE, setup=setup)
    send(session, question())
    come(session, tool_call("c"))
    lose(session)
    assert reopen(session)[-1].event.turn_lost


# -- the user's voice -----------------------------------------------------------------------------


def test_it_stays_while_the_user_speaks_and_until_that_is_answered():
    """Between the last sound and the answer nothing is said, and yet a turn is under way."""
    _, leaves = warned(*ONE)
    assert not leaves(voice(speaks=True), go_away(50))
    assert not leaves(voice(speaks=False))
    assert not leaves(heard(), words())
    assert leaves(end())


def test_a_turn_that_the_user_interrupts_is_not_the_answer():
    """It ends while they still speak."""
    session, leaves = warned(*ONE)
    send(session, question())
    come(session, words(), voice(speaks=True), go_away(50))
    assert not leaves(content(interrupted=True), end())
    assert not leaves(voice(speaks=False))
    assert leaves(words(), end())


def test_so_it_is_where_the_client_says_who_speaks():
    """With activity marks of its own."""
    session, leaves = warned(*ONE)
    send(session, realtime(activity_start=types.ActivityStart()))
    assert not leaves(go_away(50))
    send(session, realtime(activity_end=types.ActivityEnd()))
    assert not leaves(words())
    assert leaves(end())


# -- the last moment ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("left", "seconds"),
    [
        (50, 50 - MARGIN),
        (12, 12 - MARGIN),
        (8, 4),
        (1, 0.5),
        (0, 0),
        (-3, 0),
        (None, UNKNOWN_TIME_LEFT - MARGIN),
    ],
)
def test_at_the_last_moment_it_leaves_whatever_is_under_way(left, seconds):
    """Some seconds before the announced end, or at half of the time; ten are assumed where none are told."""
    session = opened()
    send(session, question())
    come(session, words())
    come(session, go_away(left), now=100.0)
    if seconds > 0:
        assert session.state is State.OPEN
        assert session.next_tick(100.0) == 100.0 + seconds
        assert session.tick(100.0 + seconds - 0.1, 100.0) == []
        session.tick(100.0 + seconds, 100.0)
    assert session.state is State.LEAVING


def test_without_a_way_to_go_on_it_stays_to_the_end():
    """There is nothing to leave for; the server will end it."""
    session, leaves = warned(types.LiveServerMessage())
    assert not leaves(go_away(0))
    assert session.next_tick(0.0) is None
    assert session.tick(60.0, 60.0) == []
    _, leaves = warned(policy=None)
    assert not leaves(go_away(0))


def test_a_fresh_start_is_a_way():
    """Where the policy allows one."""
    _, leaves = warned(types.LiveServerMessage(), policy=ReconnectPolicy(fresh_start=True))
    assert leaves(go_away(50))


def test_the_next_connection_begins_without_a_warning():
    """It has its own time."""
    session, leaves = warned(*ONE)
    assert leaves(go_away(50))
    lose(session, 1000)
    reopen(session)
    assert session.next_tick(0.0) is None
