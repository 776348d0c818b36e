"""What holds at every moment of a session."""

from __future__ import annotations

from genai_live.protocol import State
from tests.protocol.model.account import matters
from tests.protocol.model.server import Mine
from tests.protocol.model.session import ModelSession


def check(session: ModelSession) -> None:
    """Everything."""
    session.user.check()
    if session.state is State.CLOSED:
        return
    _check_doubt(session)
    for sent in filter(matters, session.sent):
        _check_place(session, sent)
    if session.account.index_came and session.state is State.OPEN:
        _check_conversation(session)


def _check_doubt(session: ModelSession) -> None:
    """In doubt is what was written for a turn that is not complete, or what the handle does not hold."""
    in_doubt = [sent.message for sent in session.account.in_doubt]
    if session.writing is not None and matters(session.writing[0]):
        in_doubt.append(session.writing[0].message)
    assert [id(item) for item in session.protocol.ledger.in_doubt] == [id(item) for item in in_doubt]


def _check_place(session: ModelSession, sent: Mine) -> None:
    """Nothing is lost."""
    places = [
        sent.raised,
        sent in session.waiting,
        session.writing is not None and session.writing[0] is sent,
        sent.writes > 0,
    ]
    assert sum(places) == 1, f"message {sent.number} is in {places}"
    if sent.writes and not sent.is_reported and sent not in session.account.in_doubt:
        assert sent.was_consumed, f"message {sent.number} is lost, and nobody was told"


def _check_conversation(session: ModelSession) -> None:
    """In transparent mode the conversation is what the user said, each message once and in order."""
    there = [*session.server.log, *session.server.inbound, *session.account.again]
    known = [sent for sent in there if not sent.is_reported and not sent.is_forgotten]
    mine = [sent for sent in session.sent if sent.writes and not sent.is_reported and not sent.is_forgotten]
    mine.sort(key=lambda sent: sent.first_written)
    assert known == mine, f"{[sent.number for sent in known]} for {[sent.number for sent in mine]}"
