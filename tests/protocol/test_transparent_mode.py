"""What the ledger makes of the server's index: what a handle holds, and what is sent again."""

import pytest

from genai_live.protocol import ledger
from tests.protocol.ledgers import come, cut, new_ledger, send
from tests.protocol.messages import (
    audio,
    end,
    handle,
    history,
    question,
    words,
)


def test_what_the_handle_does_not_hold_is_sent_again_and_nothing_is_in_doubt():
    """Media too; questions whose turn has not ended begin it anew."""
    book = new_ledger(transparent=True)
    sents = [audio(), question("1"), audio(), question("2")]
    send(book, *sents)
    come(book, handle(index=2))
    came_of_it = cut(book)
    assert [sent.message for sent in came_of_it.send_again] == sents[2:]
    assert (came_of_it.in_doubt, came_of_it.media_in_doubt) == ((), 0)
    assert (came_of_it.turn_lost, came_of_it.turns_gone) == (True, 1)  # the first question's, which it holds


@pytest.mark.parametrize("unusable", [handle("x", resumable=False, index=3), handle(None, index=3)])
def test_an_index_counts_only_with_a_handle_that_can_be_used(unusable):
    """It says what that handle holds, and the one in hand is older."""
    book = new_ledger(transparent=True)
    sents = [history("1"), history("2"), history("3")]
    send(book, *sents)
    come(book, handle(index=1), unusable)
    assert [sent.message for sent in cut(book).send_again] == sents[1:]


def test_no_index_is_nothing_known_until_there_has_been_one():
    """Before, what was written is in doubt as ever; after, a handle without one holds nothing from here."""
    book = new_ledger(transparent=True)
    sents = [history("1"), history("2")]
    send(book, *sents)
    come(book, handle())
    assert book.in_doubt == tuple(sents)
    come(book, handle(index=2))
    assert book.in_doubt == ()
    cut(book)
    send(book, *sents)
    come(book, handle("later"))
    assert [sent.message for sent in cut(book).send_again] == sents


def test_messages_count_anew_on_each_connection():
    """With what was sent again as the first."""
    book = new_ledger(transparent=True)
    sents = [history("1"), history("2"), history("3")]
    send(book, *sents)
    come(book, handle(index=1))
    cut(book)
    while book.again:
        send(book, book.again.popleft().message)
    come(book, handle("later", index=1))
    assert [sent.message for sent in cut(book).send_again] == sents[2:]


def test_a_message_that_was_not_written_takes_no_number():
    """The next one has it."""
    book = new_ledger(transparent=True)
    book.undo(send(book, history("1")))
    written = [history("2"), history("3")]
    send(book, *written)
    come(book, handle(index=1))
    assert [sent.message for sent in cut(book).send_again] == written[1:]


def test_an_answer_that_had_ended_comes_once_more_where_the_handle_does_not_hold_its_question():
    """It is marked; where another turn was under way, that is reported lost, so that nobody mixes them up."""
    book = new_ledger(transparent=True)
    send(book, history())
    come(book, handle(index=1))
    send(book, question("1"))
    come(book, words(), end())
    first = cut(book)
    assert (first.turns_repeated, first.turn_restarts, first.turn_lost) == (1, True, False)
    send(book, book.again.popleft().message)
    come(book, words(), end())
    send(book, question("2"))
    second = cut(book)
    assert (second.turns_repeated, second.turn_restarts, second.turn_lost) == (1, True, True)
    assert second.turns_gone == 0
    assert len(second.send_again) == 2


def test_only_messages_are_ever_in_doubt_and_media_is_none():
    """Not even where it waits to be sent again."""
    book = new_ledger(transparent=True)
    send(book, question())
    come(book, handle(index=1))
    send(book, audio())
    assert book.in_doubt == ()
    cut(book)
    assert len(book.again) == 1
    assert book.in_doubt == ()
    assert cut(book, restored=False).in_doubt == ()


def test_after_a_fresh_start_what_waited_to_be_sent_again_is_in_doubt():
    """No handle holds it, and nobody asked for it to be sent twice; a question among it is not answered."""
    book = new_ledger(transparent=True)
    send(book, history())
    come(book, handle(index=1))
    asked = question()
    send(book, asked)
    cut(book)
    came_of_it = cut(book, restored=False)
    assert [sent.message for sent in came_of_it.in_doubt] == [asked]
    assert came_of_it.send_again == ()
    assert (came_of_it.turn_lost, came_of_it.turns_gone) == (True, 1)


def test_what_is_kept_is_bounded_and_media_goes_first(monkeypatch):
    """The oldest of it, and it is counted; words are kept."""
    monkeypatch.setattr(ledger, "MAX_KEPT_BYTES", 3)
    book = new_ledger(transparent=True)
    sents = [audio(), history("1"), audio(), history("2"), audio()]
    send(book, *sents)
    come(book, handle(index=0), handle("later"))
    assert book.media_dropped == 2
    assert [sent.message for sent in cut(book).send_again] == [sents[1], sents[3], sents[4]]
    send(book, *[history(str(number)) for number in range(5)])
    assert len(cut(book).send_again) == 5 + 3  # with what was to be written before
