"""What the model does in answer to a message: the words in which echo and scenarios say it.

No threads, sockets or clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from genai_live.emulator.pcm import OUTPUT_RATE


def go_away(time_left: float) -> dict[str, Any]:
    """The notice that a connection has so many seconds left; a Duration has nine decimals at most."""
    seconds = f"{time_left:.9f}".rstrip("0").removesuffix(".")
    return {"goAway": {"timeLeft": f"{seconds}s"}}


@dataclass(frozen=True, kw_only=True)
class Action:
    """One thing that the model does.

    Attributes:
        after: Seconds to wait before it, at a time scale of 1.
    """

    after: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Say(Action):
    """Says a text: in writing or aloud, as the session wants it.

    Attributes:
        text: The words; may be empty where there is audio.
        as_transcription: Whether the words come as the transcription of speech, asked for or not.
        audio: The voice that says it, 24 kHz 16-bit mono PCM; None for the emulator's own.
    """

    text: str = ""
    as_transcription: bool = False
    audio: bytes | None = None


@dataclass(frozen=True, kw_only=True)
class Hear(Action):
    """Understands what the user has said aloud: the input transcription, where the setup asked for it."""

    text: str


@dataclass(frozen=True, kw_only=True)
class Call(Action):
    """Calls functions, in one message.

    Attributes:
        calls: Each with a ``name``, with ``args`` if there are any, and an ``id`` if it is to be a given one.
    """

    calls: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, kw_only=True)
class CallAgain(Action):
    """Makes the calls again that were dropped, under new ids; does nothing if there are none any more."""


@dataclass(frozen=True, kw_only=True)
class Cancel(Action):
    """Cancels calls.

    Attributes:
        ids: Theirs.
    """

    ids: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class SendMessage(Action):
    """Sends a server message as it is."""

    message: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class GiveHandle(Action):
    """Gives a new resumption handle, or says that there is none for now.

    Attributes:
        resumable: Whether the session can be resumed as it is now.
    """

    resumable: bool


@dataclass(frozen=True, kw_only=True)
class SendFrame(Action):
    """Sends a text or binary frame with any content at all."""

    payload: str | bytes


@dataclass(frozen=True, kw_only=True)
class Close(Action):
    """Closes the connection with a close frame."""

    code: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class Drop(Action):
    """Ends the connection without a close frame."""


@dataclass(frozen=True)
class Answer:
    """What the model does in answer to one message.

    Attributes:
        actions: What it does, in order.
        completes_turn: Whether the turn is then complete. If not, the model is still at it: a new message
            interrupts it.
        usage: The ``usageMetadata`` to report; None to have it counted.
    """

    actions: tuple[Action, ...]
    completes_turn: bool
    usage: Mapping[str, Any] | None = None

    @property
    def opens_turn(self) -> bool:
        """Whether the model speaks or calls, so that there is a turn to complete or to interrupt."""
        return any(isinstance(action, Say | Call) for action in self.actions)


@dataclass(frozen=True)
class Speech:
    """What the user has said aloud, from the start to the end of the activity.

    Attributes:
        audio: 24 kHz 16-bit mono PCM.
    """

    audio: bytes

    @property
    def seconds(self) -> float:
        """How long it took to say."""
        return len(self.audio) / 2 / OUTPUT_RATE


class Responder(Protocol):
    """Decides what the model answers in one session.

    Its state is replaced, not changed in place, so that a shallow copy (``copy.copy``) stays as it was: a
    session may be resumed from there.

    Attributes:
        replays: Whether it plays a whole recorded conversation, from ``setupComplete`` on, so that nothing is
            to be added or refused, and every message is a matter for ``reply``.
        awaits_responses: Whether it is told of the responses of functions only when and as far as the model
            is to speak of them; else of each that counts, as it comes.
    """

    replays: bool
    awaits_responses: bool

    def begin(self, setup: Mapping[str, Any], *, resumed: bool = False) -> list[Answer]:
        """Answer the setup: what the model does before the client has said anything.

        Args:
            setup: The connection's setup, in normal form.
            resumed: Whether the session goes on in another connection.
        """
        ...

    def reply(self, message: Mapping[str, Any]) -> list[Answer]:
        """Answer a message in normal form; with nothing, if it asks for no answer."""
        ...

    def hear(self, speech: Speech) -> list[Answer]:
        """Answer what the user has said aloud."""
        ...
