"""What the ledger makes of a conversation whose connection has ended."""

import pytest

from genai_live import types
from tests.protocol.ledgers import come, cut, new_ledger, send
from tests.protocol.messages import (
    answer,
    content,
    end,
    history,
    question,
    realtime,
    tool_call,
    voice,
    words,
)


def test_between_two_turns_nothing_is_lost_or_in_doubt():
    """The conversation goes on as if nothing was."""
    book = new_ledger()
    send(book, question())
    come(book, words(), end())
    came_of_it = cut(book)
    assert (came_of_it.in_doubt, came_of_it.send_again) == ((), ())
    assert not came_of_it.turn_lost


def test_every_turn_that_was_asked_for_is_gone():
    """What was asked is named, in order, and does not come up again."""
    book = new_ledger()
    send(book, history(), question("1"), question("2"))
    come(book, words())
    before = book.in_doubt
    came_of_it = cut(book)
    assert tuple(sent.message for sent in came_of_it.in_doubt) == before
    assert (came_of_it.turn_lost, came_of_it.turns_gone, came_of_it.send_again) == (True, 2, ())
    assert book.in_doubt == ()
    assert not book.turn_is_open


def test_a_turn_of_the_models_own_is_lost_too_and_takes_the_question_after_it_along():
    """The count is that of the questions."""
    book = new_ledger()
    come(book, words())
    send(book, question())
    came_of_it = cut(book)
    assert (came_of_it.turn_lost, came_of_it.turns_gone) == (True, 1)


@pytest.mark.parametrize("signal", [voice(speaks=True), realtime(activity_start=types.ActivityStart())])
def test_a_spoken_question_is_open_until_it_is_answered(signal):
    """From the first sound, though nothing of the answer came; a turn that it interrupts does not count."""
    book = new_ledger()
    send(book, question())
    come(book, words())
    if isinstance(signal, types.LiveServerMessage):
        come(book, signal)
        stop = voice(speaks=False)
        come(book, content(interrupted=True), end(), stop)
    else:
        send(book, signal)
        come(book, content(interrupted=True), end())
        send(book, realtime(activity_end=types.ActivityEnd()))
    assert book.turn_is_open
    come(book, words(), end())
    assert not book.turn_is_open
    come(book, voice(speaks=True))
    assert cut(book).turn_lost
    assert not book.turn_is_open


def test_an_answer_in_doubt_is_a_turn_that_may_not_come():
    """As the model would answer it with one."""
    book = new_ledger()
    send(book, question())
    come(book, tool_call("c"), end())
    send(book, answer("c"))
    came_of_it = cut(book)
    assert (came_of_it.turn_lost, came_of_it.turns_gone) == (True, 0)


def test_with_resending_everything_in_doubt_is_sent_again_and_the_turn_begins_anew():
    """It is neither lost nor gone."""
    book = new_ledger()
    sents = [history(), question("1"), question("2")]
    send(book, *sents)
    come(book, words())
    came_of_it = cut(book, resend=True)
    assert [sent.message for sent in book.again] == sents
    assert came_of_it.turn_restarts
    assert (came_of_it.turn_lost, came_of_it.turns_gone) == (False, 0)
    assert book.in_doubt == tuple(sents)


def test_what_was_not_written_again_is_written_on_the_next_connection():
    """After what was, in the old order; the turn is announced as new only once."""
    book = new_ledger()
    sents = [history("1"), history("2"), question()]
    send(book, *sents)
    cut(book, resend=True)
    send(book, book.again.popleft().message)
    came_of_it = cut(book, resend=True)
    assert [sent.message for sent in book.again] == sents
    assert (came_of_it.turn_lost, came_of_it.turn_restarts) == (False, False)


def test_a_turn_of_the_models_own_that_was_cut_through_is_lost_even_with_resending():
    """Nothing of what is sent again began it."""
    book = new_ledger()
    come(book, words())
    send(book, question())
    came_of_it = cut(book, resend=True)
    assert (came_of_it.turn_lost, came_of_it.turn_restarts, came_of_it.turns_gone) == (True, False, 0)


def test_a_fresh_start_knows_no_calls():
    """Another conversation may name its own ones alike."""
    book = new_ledger()
    send(book, question())
    come(book, tool_call("1"))
    cut(book, restored=False)
    assert not book.calls
    come(book, tool_call("1"), end())
    send(book, answer("1"))
    assert cut(book).turn_lost  # it is not the old one, whose turn is known to be lost


def standing():
    """A ledger whose turn waits for call ``c``."""
    book = new_ledger()
    send(book, question())
    come(book, words(), tool_call("c"))
    assert book.stands_still
    return book


def test_a_turn_that_stands_still_goes_on():
    """The session that knows of the call knows of the question, which stays in doubt until the turn ends."""
    book = standing()
    came_of_it = cut(book)
    assert (came_of_it.in_doubt, came_of_it.turn_lost) == ((), False)
    assert book.stands_still
    assert len(book.in_doubt) == 1
    send(book, answer("c"))
    come(book, words(), end())
    assert book.in_doubt == ()


@pytest.mark.parametrize("how", [{"restored": False}, {"calls_survive": False}])
def test_it_does_not_where_the_call_is_not_known(how):
    """A fresh start, or a handle from before the call."""
    came_of_it = cut(standing(), **how)
    assert (came_of_it.turn_lost, came_of_it.turns_gone) == (True, 1)


def test_what_was_added_meanwhile_is_in_doubt_and_the_turn_goes_on():
    """It feeds a later turn."""
    book = standing()
    added = history()
    send(book, added)
    came_of_it = cut(book)
    assert [sent.message for sent in came_of_it.in_doubt] == [added]
    assert not came_of_it.turn_lost


@pytest.mark.parametrize("moving", [answer("c"), question("2")], ids=["an answer", "a question"])
def test_it_is_lost_where_the_model_may_have_gone_on(moving):
    """With what was sent after the call, which is in doubt."""
    book = standing()
    send(book, moving)
    assert not book.stands_still
    assert cut(book).turn_lost


def test_with_resending_an_answer_in_doubt_is_sent_again_and_the_turn_goes_on():
    """Only the answer: the question is known."""
    book = standing()
    answered = answer("c")
    send(book, answered)
    came_of_it = cut(book, resend=True)
    assert [sent.message for sent in came_of_it.send_again] == [answered]
    assert (came_of_it.turn_lost, came_of_it.turn_restarts) == (False, False)


def test_with_resending_a_question_asked_meanwhile_takes_all_of_it_along():
    """It may have interrupted the turn, which then never ends: so both begin anew."""
    book = standing()
    send(book, question("2"))
    came_of_it = cut(book, resend=True)
    assert len(came_of_it.send_again) == 2
    assert came_of_it.turn_restarts


def test_while_the_user_speaks_a_turn_does_not_stand_still():
    """It is about to be interrupted."""
    book = standing()
    come(book, voice(speaks=True))
    assert not book.stands_still
