"""A ledger, and what happens to it."""

from genai_live.protocol import Ledger, purpose_of, turns_of


def new_ledger(*, transparent=False):
    """One of a model with turns."""
    turns = turns_of("gemini-3.8-live")
    return Ledger(turns.ends, turns.belongs, transparent=transparent)


def send(book, *messages):
    """Writes messages whole, each for its own purpose; returns the last entry."""
    for message in messages:
        sent = book.begin(message, purpose_of(message), 1)
    return sent


def come(book, *messages):
    """Messages of the server's."""
    for message in messages:
        book.received(message)


def cut(book, *, restored=True, resend=False, calls_survive=True):
    """The connection has ended, and another has begun."""
    return book.cut(restored=restored, resend=resend, calls_survive=calls_survive)
