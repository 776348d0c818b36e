"""What a message does in a conversation, and what takes it out of doubt."""

import pytest

from genai_live import types
from genai_live.protocol import Purpose, purpose_of, purpose_of_raw
from tests.protocol.ledgers import come, cut, new_ledger, send
from tests.protocol.messages import (
    IDLE,
    IN_PROGRESS,
    answer,
    audio,
    cancellation,
    content,
    end,
    heard,
    history,
    question,
    realtime,
    spoken,
    tool_call,
    words,
)


@pytest.mark.parametrize(
    ("message", "purpose"),
    [
        (question(), Purpose.ASKS),
        (history(), Purpose.FEEDS),
        (realtime(text="x"), Purpose.ASKS),
        (realtime(text=""), Purpose.ASKS),
        (realtime(audio_stream_end=True), Purpose.FEEDS),
        (realtime(activity_start=types.ActivityStart()), Purpose.FEEDS),
        (audio(), Purpose.MEDIA),
        (realtime(video=types.Blob(data=b"", mime_type="image/png")), Purpose.MEDIA),
        (realtime(media_chunks=[types.Blob(data=b"", mime_type="image/png")]), Purpose.MEDIA),
        (answer("c"), Purpose.ANSWERS),
        (types.LiveClientMessage(context_update=types.LiveClientContextUpdate()), Purpose.FEEDS),
        (types.LiveClientMessage(), Purpose.FEEDS),
    ],
)
def test_the_purpose_of_a_message(message, purpose):
    """Content that is complete and text are answered; media is late soon; the rest waits for a turn."""
    assert purpose_of(message) is purpose


@pytest.mark.parametrize(
    ("message", "purpose"),
    [
        ({"clientContent": {"turnComplete": True}}, Purpose.ASKS),
        ({"client_content": {"turn_complete": True}}, Purpose.ASKS),
        ({"clientContent": {"turns": []}}, Purpose.FEEDS),
        ({"toolResponse": {}}, Purpose.ANSWERS),
        ({"tool_response": {}}, Purpose.ANSWERS),
        ({"realtimeInput": {"text": "x"}}, Purpose.ASKS),
        ({"realtime_input": {"audio": {}}}, Purpose.MEDIA),
        ({"realtimeInput": {"mediaChunks": []}}, Purpose.MEDIA),
        ({"realtimeInput": {"activityEnd": {}}}, Purpose.FEEDS),
        ({"realtimeInput": None}, Purpose.FEEDS),
        ({"clientContent": None}, Purpose.FEEDS),
        ({"new": {}}, Purpose.FEEDS),
        ({}, Purpose.FEEDS),
    ],
)
def test_the_purpose_of_a_raw_message(message, purpose):
    """By its names, in either casing, and whatever stands under them."""
    assert purpose_of_raw(message) is purpose


def test_a_question_is_in_doubt_until_its_turn_is_complete():
    """Words of the answer are not enough: the turn may be cut off, and begin anew."""
    book = new_ledger()
    asked = question()
    send(book, asked)
    come(book, words(), content(generation_complete=True))
    assert book.in_doubt == (asked,)
    come(book, end())
    assert book.in_doubt == ()


@pytest.mark.parametrize(
    "idle",
    [
        end(interaction_status=IDLE),
        content(interaction_status=IDLE),
        types.LiveServerMessage(interaction_status=IDLE),
    ],
    ids=["with the end", "in the content", "beside it"],
)
def test_a_turn_ends_with_idle_wherever_that_stands(idle):
    """A ``turnComplete`` that is IN_PROGRESS is none; IDLE is, also in a message with nothing else in it."""
    book = new_ledger()
    send(book, question())
    come(book, words(), end(interaction_status=IN_PROGRESS))
    assert len(book.in_doubt) == 1
    come(book, idle)
    assert book.in_doubt == ()
    assert not book.turn_is_open


def test_what_feeds_a_turn_leaves_doubt_with_it():
    """History and the question after it go together; what came too late for a turn waits for the next."""
    book = new_ledger()
    send(book, history("before"), question())
    come(book, words())
    late = history("after")
    send(book, late)
    come(book, end())
    assert book.in_doubt == (late,)
    send(book, question())
    come(book, words(), end())
    assert book.in_doubt == ()


def test_each_question_waits_for_its_own_turn():
    """Turns end in the order of the questions, an interrupted one too."""
    book = new_ledger()
    second = question("2")
    send(book, question("1"), second)
    come(book, words(), content(interrupted=True), end())
    assert book.in_doubt == (second,)
    come(book, words(), end())
    assert book.in_doubt == ()


def test_a_turn_of_the_models_own_is_not_that_of_a_question_asked_meanwhile():
    """The model answers a voice; a text question comes in between: its turn is the next one."""
    book = new_ledger()
    asked = question()
    come(book, heard(), words())
    send(book, asked)
    assert book.received(end()) is False
    assert book.in_doubt == (asked,)
    assert book.turn_is_open
    come(book, words())
    assert book.received(end()) is True
    assert book.in_doubt == ()


def test_a_question_that_was_not_written_after_all_takes_no_turn():
    """What the model says meanwhile is its own."""
    book = new_ledger()
    slow = send(book, question("slow"))
    come(book, words())
    book.undo(slow)
    asked = question()
    send(book, asked)
    come(book, end())
    assert book.in_doubt == (asked,)
    assert book.turns_asked == 1


def test_music_is_not_followed():
    """Its messages have no turns."""
    book = new_ledger()
    assert book.received(types.LiveMusicServerMessage()) is False
    assert not book.turn_is_open


@pytest.mark.parametrize("proof", [words(), spoken("words")], ids=["text", "speech"])
def test_an_answer_is_in_doubt_until_the_model_says_something_after_it(proof):
    """In the turn that stood still for it."""
    book = new_ledger()
    send(book, question())
    come(book, tool_call("c"))
    answered = answer("c")
    send(book, answered)
    assert answered in book.in_doubt
    come(book, proof)
    assert answered not in book.in_doubt


def test_the_end_of_the_turn_that_called_does_not_show_that_an_answer_came():
    """Vertex AI and 3.8 send it right after the call; what the model says then comes in a turn of its own."""
    book = new_ledger()
    send(book, question())
    come(book, tool_call("c"))
    answered = answer("c")
    send(book, answered)
    come(book, spoken(), content(generation_complete=True), end())
    assert book.in_doubt == (answered,)
    come(book, words())
    assert book.in_doubt == ()


def test_another_call_of_the_same_turn_does_not_show_that_an_answer_came():
    """It may have been on its way already."""
    book = new_ledger()
    send(book, question())
    come(book, tool_call("c"))
    answered = answer("c")
    send(book, answered)
    come(book, tool_call("d"))
    assert answered in book.in_doubt
    send(book, answer("d"))
    come(book, words())
    assert book.in_doubt[1:] == ()


def test_what_the_model_says_meanwhile_does_not_show_that_an_answer_came():
    """It went on without the answer before that was written; the next turn tells."""
    book = new_ledger()
    send(book, question())
    come(book, tool_call("c"), words())
    answered = answer("c")
    send(book, answered)
    come(book, words(), end())
    assert book.in_doubt == (answered,)
    come(book, tool_call("d"))
    assert book.in_doubt == ()


def test_the_answer_to_a_question_asked_before_does_not_show_that_an_answer_came():
    """The question came first, so its turn may have begun before."""
    book = new_ledger()
    send(book, question("1"))
    come(book, tool_call("c"), end())
    answered = answer("c")
    send(book, question("2"), answered)
    come(book, words())
    assert answered in book.in_doubt
    come(book, end(), words())
    assert book.in_doubt == ()


def test_what_the_model_says_does_not_show_that_a_second_answer_came():
    """It had what it waited for with the first one; the next turn tells."""
    book = new_ledger()
    send(book, question())
    come(book, tool_call("c", "d"))
    send(book, answer("c"), answer("c"), answer("d"))
    second = answer("d")
    send(book, second)
    come(book, words(), end())
    assert book.in_doubt == (second,)
    come(book, words())
    assert book.in_doubt == ()


@pytest.mark.parametrize(
    "between", [words(), end(), cancellation("c")], ids=["it went on", "it ended", "it took the call back"]
)
def test_nor_does_it_where_the_model_called_before(between):
    """What it waited for then counts no more."""
    book = new_ledger()
    send(book, question())
    come(book, tool_call("c"), between, tool_call("d"))
    send(book, answer("d"))
    second = answer("d")
    send(book, second)
    come(book, words())
    assert second in book.in_doubt


def test_a_call_that_is_repeated_on_the_way_needs_no_second_answer():
    """The first one was under way; what the model says next may come of that."""
    book = new_ledger()
    send(book, question())
    come(book, tool_call("c"))
    send(book, answer("c"))
    come(book, tool_call("c"))
    second = answer("c")
    send(book, second)
    come(book, words())
    assert second in book.in_doubt


def test_an_answer_to_a_call_that_was_taken_back_stays_in_doubt():
    """The model goes on without it, whether it came or not."""
    book = new_ledger()
    send(book, question())
    come(book, tool_call("c"))
    answered = answer("c")
    send(book, answered)
    come(book, cancellation("c"), words())
    assert answered in book.in_doubt
    assert not book.waits_for_answer


def test_calls_are_known_until_they_are_answered_for_good_or_taken_back():
    """A part of an answer leaves the call open; an answer that was not written whole as well."""
    book = new_ledger()
    come(book, tool_call("a", "b", None))
    assert set(book.calls) == {"a", "b"}
    send(book, answer("a", more=True))
    assert set(book.calls) == {"a", "b"}
    sent = send(book, answer("a", "unknown"))
    assert set(book.calls) == {"b"}
    book.undo(sent)
    assert set(book.calls) == {"a", "b"}
    come(book, cancellation("a", "b", "unknown"))
    assert not book.calls


def test_media_is_counted_until_a_turn_ends():
    """It is not named, as there is so much of it."""
    book = new_ledger()
    send(book, audio(), audio())
    assert book.in_doubt == ()
    come(book, words(), end())
    send(book, audio())
    assert cut(book).media_in_doubt == 1


def test_media_that_was_not_written_is_not_counted():
    """Not even where a turn has ended meanwhile."""
    book = new_ledger()
    send(book, audio())
    book.undo(send(book, audio()))
    slow = send(book, audio())
    come(book, words(), end())
    book.undo(slow)
    assert cut(book).media_in_doubt == 0
