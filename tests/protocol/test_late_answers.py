"""Answers to function calls whose turn a reconnection has ended: they must not lose or wake another."""

from genai_live import types
from tests.protocol import sessions
from tests.protocol.ledgers import come, cut, new_ledger, send
from tests.protocol.messages import answer, end, handle, history, question, tool_call, words


def calling(*, transparent=False):
    """A ledger whose turn waits for call ``c``, which the newest handle holds."""
    book = new_ledger(transparent=transparent)
    send(book, history(), question())
    come(book, tool_call("c"), handle(index=2 if transparent else None))
    return book


def test_an_answer_to_a_turn_that_is_known_to_be_lost_loses_no_other():
    """It is in doubt; but nobody waits for what the model would make of it."""
    book = calling()
    assert cut(book, calls_survive=False).turn_lost
    late = answer("c")
    send(book, late)
    came_of_it = cut(book)
    assert [sent.message for sent in came_of_it.in_doubt] == [late]
    assert not came_of_it.turn_lost


def test_an_answer_that_is_in_doubt_in_its_own_turn_loses_that():
    """Whoever asked waits for it."""
    book = calling()
    send(book, answer("c"))
    assert cut(book).turn_lost


def test_an_answer_that_is_sent_again_is_no_second_one():
    """The turn goes on with it, on the other connection."""
    book = calling()
    answered = answer("c")
    send(book, answered)
    cut(book, resend=True)
    book.again.popleft()
    send(book, answered)
    assert answered in book.in_doubt
    come(book, words())
    assert answered not in book.in_doubt


# -- in transparent mode ----------------------------------------------------------------------------------


def test_an_answer_that_the_handle_lacks_is_sent_again_and_the_turn_goes_on():
    """As the handle holds the call, and the model said nothing since."""
    book = calling(transparent=True)
    answered = answer("c")
    send(book, answered)
    came_of_it = cut(book)
    assert [sent.message for sent in came_of_it.send_again] == [answered]
    assert (came_of_it.in_doubt, came_of_it.turn_lost) == ((), False)
    assert book.stands_still


def test_a_turn_whose_answer_the_handle_holds_is_lost():
    """Nothing is sent that would make the model speak again."""
    book = calling(transparent=True)
    send(book, answer("c"))
    come(book, handle("later", index=3))
    came_of_it = cut(book)
    assert (came_of_it.send_again, came_of_it.in_doubt, came_of_it.turn_lost) == ((), (), True)


def test_an_answer_to_a_turn_that_does_not_go_on_is_in_doubt_and_not_sent_again():
    """The restored session waits for it, and would speak in a turn that the user was told is lost."""
    book = calling(transparent=True)
    answered, added = answer("c"), history()
    send(book, answered)
    come(book, words())
    send(book, added)
    came_of_it = cut(book, calls_survive=False)
    assert [sent.message for sent in came_of_it.send_again] == [added]
    assert [sent.message for sent in came_of_it.in_doubt] == [answered]
    assert came_of_it.turn_lost


def test_an_answer_to_a_turn_that_has_ended_is_not_sent_again_either():
    """That turn would come twice, and the second time nobody has asked."""
    book = calling(transparent=True)
    answered = answer("c")
    send(book, answered)
    come(book, words(), end())
    came_of_it = cut(book)
    assert [sent.message for sent in came_of_it.in_doubt] == [answered]
    assert (came_of_it.send_again, came_of_it.turn_lost, came_of_it.turns_repeated) == ((), False, 0)


def test_an_answer_that_no_turn_stood_still_for_is_sent_again():
    """The model answers it with a turn of its own."""
    book = new_ledger(transparent=True)
    send(book, question())
    come(book, tool_call("c"), end(), handle(index=1))
    answered = answer("c")
    send(book, answered)
    came_of_it = cut(book)
    assert [sent.message for sent in came_of_it.send_again] == [answered]
    assert (came_of_it.in_doubt, came_of_it.turn_lost) == ((), False)


def test_what_the_user_said_after_a_handle_makes_it_no_older():
    """It is sent again; only what the model said since then would be missing."""
    asked = types.SessionResumptionConfig(transparent=True)
    setup = types.LiveClientMessage(setup=types.LiveClientSetup(session_resumption=asked))
    session = sessions.opened(setup=setup)
    sessions.send(session, history(), question())
    sessions.come(session, tool_call("c"), handle("holds the call", index=2))
    sessions.send(session, answer("c"))
    sessions.lose(session)
    event = sessions.reopen(session)[-1].event
    assert (event.turn_lost, event.sent_again) == (False, 1)
