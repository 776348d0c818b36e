"""What the protocol tells the reading side of the turns, so that ``ask`` mistakes none for its own."""

from genai_live import types
from genai_live.protocol import Deliver, turns_of
from tests.protocol.messages import content, end, handle, history, question, words
from tests.protocol.sessions import come, lose, opened, reopen, send


def test_the_end_of_a_turn_of_the_models_own_is_not_that_of_a_later_question():
    """The question is unread until its own turn has been read."""
    tracker = turns_of("gemini-3.8-live")
    session = opened(turns=tracker)
    own, own_end, answered, answer_end = words(), end(), words(), end()
    come(session, own)
    tracker.came(own)
    tracker.asked()
    send(session, question())
    come(session, own_end)
    tracker.came(own_end)
    for message in (own, own_end):
        tracker.read(message)
        assert tracker.unread
    for message in (answered, answer_end):
        come(session, message)
        tracker.came(message)
        assert tracker.unread
        tracker.read(message)
    assert not tracker.unread


def test_a_turn_that_comes_once_more_is_unread():
    """In transparent mode, where the handle does not hold the question: its answer comes again."""
    asked = types.SessionResumptionConfig(transparent=True)
    tracker = turns_of("gemini-3.8-live")
    session = opened(
        turns=tracker,
        setup=types.LiveClientMessage(setup=types.LiveClientSetup(session_resumption=asked)),
    )
    send(session, history())
    come(session, handle(index=1))
    tracker.asked()
    send(session, question())
    last = end()
    come(session, last)
    tracker.came(last)
    tracker.read(last)
    assert not tracker.unread
    lose(session)
    marked, _ = reopen(session)
    assert marked == Deliver(types.LiveServerMessage(turn_restarted=True))
    assert tracker.unread
    send(session, session.ledger.again.popleft().message)
    come(session, last)
    tracker.came(last)
    tracker.read(last)
    assert not tracker.unread


def test_an_end_is_unread_from_the_moment_it_came():
    """Before it reaches the inbox: else a question in that moment would take it for its own."""
    tracker = turns_of("gemini-3.8-live")
    session = opened(turns=tracker)
    tracker.asked()
    send(session, question())
    last = end()
    come(session, last)
    assert tracker.unread
    tracker.came(last)
    tracker.read(last)
    assert not tracker.unread


def test_a_lost_turn_is_unread_until_its_loss_is_read():
    """Also one that nobody asked for, and of which everything that came was read."""
    tracker = turns_of("gemini-3.8-live")
    session = opened(turns=tracker)
    send(session, {"new": 1})
    begun = content(interrupted=True)
    come(session, begun)
    tracker.came(begun)
    tracker.read(begun)
    lose(session)
    news = reopen(session)[0].item
    assert tracker.unread
    tracker.lost(news.asked)
    assert not tracker.unread
