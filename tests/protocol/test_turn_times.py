"""How long the model takes, and which silence is taken for a failure."""

import pytest

from genai_live.errors import LiveTimeout
from genai_live.options import Watchdogs
from genai_live.protocol import CutOff, GiveUp
from tests.protocol.messages import answer, audio, content, end, question, tool_call, words
from tests.protocol.sessions import come, lose, opened, reopen, send

WATCHDOGS = Watchdogs(first_byte=5.0, turn=20.0, idle=60.0, reconnect=True)


def struck(session, now, silent_since=None):
    """What a watchdog says at a time, if one strikes; a tick is due then, and not before."""
    silent_since = now if silent_since is None else silent_since
    due = session.next_tick(silent_since)
    actions = session.tick(now, silent_since)
    assert bool(actions) == (due is not None and due <= now)
    if not actions:
        return None
    (action,) = actions
    assert isinstance(action, CutOff)
    return action.reason


def test_times_are_those_of_the_newest_turn():
    """To the first message of its answer, and to its end."""
    session = opened()
    times = session.times
    assert (times.first_byte_seconds, times.turn_seconds) == (None, None)
    send(session, question(), now=10.0)
    come(session, words(), now=10.5)
    come(session, words(), now=11.0)
    assert (times.first_byte_seconds, times.turn_seconds) == (0.5, None)
    come(session, end(), now=12.0)
    assert (times.first_byte_seconds, times.turn_seconds) == (0.5, 2.0)
    come(session, words(), end(), now=50.0)  # the model's own
    assert (times.first_byte_seconds, times.turn_seconds) == (0.5, 2.0)


def test_a_model_that_does_not_begin():
    """The clock runs from the question; with the first message it stops."""
    session = opened(watchdogs=WATCHDOGS)
    assert struck(session, 50.0) is None
    send(session, question(), now=50.0)
    assert struck(session, 54.9) is None
    assert struck(session, 55.0) == "the model did not begin to answer within 5 s"
    assert struck(session, 56.0) is None  # once is enough
    send(session, question(), now=60.0)
    come(session, words(), now=61.0)
    assert struck(session, 66.0) is None


def test_a_model_that_does_not_end():
    """From the question on, whatever it says."""
    session = opened(watchdogs=WATCHDOGS)
    send(session, question(), now=0.0)
    come(session, words(), now=1.0)
    come(session, words(), now=19.0)
    assert struck(session, 19.9) is None
    assert struck(session, 20.0) == "the model's turn did not end within 20 s"


def test_a_model_that_waits_for_us_is_not_late():
    """A function is run; with its answer the clock runs anew."""
    session = opened(watchdogs=WATCHDOGS)
    send(session, question(), now=0.0)
    come(session, tool_call("c"), now=1.0)
    assert struck(session, 50.0) is None
    send(session, answer("c"), now=50.0)
    assert struck(session, 55.0) == "the model did not begin to answer within 5 s"


def test_each_of_two_questions_is_waited_for():
    """The second from the end of the first one's turn."""
    session = opened(watchdogs=WATCHDOGS)
    send(session, question("1"), question("2"), now=0.0)
    come(session, words(), content(interrupted=True), end(), now=4.0)
    assert struck(session, 8.9) is None
    assert struck(session, 9.0) == "the model did not begin to answer within 5 s"


def test_a_question_that_was_not_written_is_not_waited_for():
    """Nor does it make the next one late."""
    session = opened(watchdogs=WATCHDOGS)
    session.not_sent(session.sending(question(), session.purpose_of(question()), 1, 0.0))
    assert struck(session, 6.0) is None
    send(session, question(), now=7.0)
    assert struck(session, 11.9) is None
    assert struck(session, 12.0) is not None


def test_media_is_not_a_question():
    """Nobody knows when the model takes it for one."""
    session = opened(watchdogs=WATCHDOGS)
    send(session, audio(), now=0.0)
    assert struck(session, 30.0) is None


def test_nothing_at_all():
    """Not even the answer to a ping: whatever comes is life."""
    session = opened(watchdogs=WATCHDOGS)
    assert session.next_tick(3.0) == 63.0
    assert struck(session, 62.9, silent_since=3.0) is None
    assert struck(session, 63.0, silent_since=3.0) == "nothing at all was received for 60 s"


def test_time_in_which_we_read_nothing_does_not_count():
    """Nothing could come."""
    session = opened(watchdogs=WATCHDOGS)
    send(session, question(), now=0.0)
    session.times.was_paused(30.0)
    assert struck(session, 34.9) is None
    assert struck(session, 35.0) is not None
    session.times.was_paused(40.0)  # nothing is waited for
    assert session.next_tick(40.0) == 100.0


def test_by_default_nothing_is_a_failure():
    """A healthy session may be silent."""
    session = opened()
    send(session, question(), now=0.0)
    assert session.next_tick(0.0) is None
    assert session.tick(10_000.0, 0.0) == []


def test_a_connection_that_is_gone_owes_nothing():
    """On the next one the clock stands until something is asked."""
    session = opened(watchdogs=WATCHDOGS)
    send(session, question(), now=0.0)
    lose(session, now=1.0)
    assert session.next_tick(0.0) is None
    assert session.tick(100.0, 0.0) == []
    reopen(session, now=100.0)
    assert struck(session, 110.0) is None


@pytest.mark.parametrize("reconnect", [False, True])
def test_a_watchdog_that_strikes_ends_the_session_or_its_connection(reconnect):
    """As the user said."""
    session = opened(watchdogs=Watchdogs(first_byte=5.0, reconnect=reconnect))
    send(session, question(), now=0.0)
    (action,) = session.tick(5.0, 5.0)
    assert isinstance(action, CutOff if reconnect else GiveUp)
    assert reconnect or isinstance(action.error.__cause__, LiveTimeout)
