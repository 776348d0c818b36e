"""The server's sessions, which outlive their connections, and the handles that name them.

"Notes" are the project's protocol notes. No threads, sockets or clock: the emulator's thread calls everything
but ``Sessions.forget``, which any thread may call.
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from genai_live.emulator.activity import AudioClock
from genai_live.emulator.answers import Responder
from genai_live.emulator.calls import Calls, Heeded
from genai_live.emulator.refusal import INTERNAL_ERROR, INVALID_ARGUMENT, NOT_FOUND, Refusal
from genai_live.emulator.usage import UsageMeter

INVALID_HANDLE = "Invalid session handle"
"""What the service says to a handle that is none (notes, 4)."""


@dataclass(kw_only=True)
class Memory:
    """What the server remembers of a session.

    Attributes:
        model: The model's name, without what a resource name has before it.
        responder: Decides what the model answers.
        meter: Counts what was said.
        clock: Counts the audio that was heard (notes, 2.4).
        realtime_came: Whether realtime input has come.
        calls: The calls that wait for a response, and those that do not any more.
        was_resumed: Whether this is not its first connection.
    """

    model: str
    responder: Responder
    meter: UsageMeter
    clock: AudioClock = field(default_factory=AudioClock)
    realtime_came: bool = False
    calls: Calls = field(default_factory=Calls)
    was_resumed: bool = False

    def copy(self) -> Memory:
        """What is remembered now: what happens later does not change it."""
        return replace(
            self,
            responder=copy.copy(self.responder),
            meter=copy.deepcopy(self.meter),
            clock=copy.copy(self.clock),
            calls=self.calls.copy(),
        )


class _Session:
    """A session of the server's."""

    def __init__(self, memory: Memory) -> None:
        self.memory = memory
        self.holder: Hold | None = None


class _Named(NamedTuple):
    """What a handle names: a session as it then is, or as it was when the handle was given."""

    session: _Session
    snapshot: Memory | None


class Sessions:
    """All sessions of one emulator."""

    def __init__(self) -> None:
        self._named: dict[str, _Named] = {}
        self._call_ids: set[str] = set()

    def begin(self, memory: Memory) -> Hold:
        """Begin a session that remembers this."""
        return Hold(_Session(memory), self._named, self._call_ids)

    def resume(self, handle: str, model: str) -> Hold:
        """Go on with a session.

        Args:
            handle: What the client knows it by.
            model: The name of the model that it asks for now.

        Raises:
            Refusal: The handle is none, is not known or not any more, was given by another model, which
                cannot change (notes, 3.1), or the connection before has not ended (notes, 3.5).
        """
        if not _is_uuid(handle):
            raise Refusal(1007, INVALID_HANDLE)
        named = self._named.get(handle)
        if named is None:
            raise Refusal(1008, NOT_FOUND)
        session, snapshot = named
        if session.memory.model != model:
            raise Refusal(1007, INVALID_ARGUMENT)
        if session.holder:
            raise Refusal(1011, INTERNAL_ERROR)
        if snapshot:
            # A copy, as the handle may be used again.
            session.memory = snapshot.copy()
        session.memory.was_resumed = True
        return Hold(session, self._named, self._call_ids)

    def forget(self) -> None:
        """Know none of the handles any more. Any thread may call it: it is one operation of a dict."""
        self._named.clear()


class Hold:
    """What one connection has of a session, until it lets go: nobody else can go on with the session.

    Args:
        session: The session, which nobody holds.
        named: What each handle names.
        call_ids: The ids of all calls in all sessions.
    """

    def __init__(self, session: _Session, named: dict[str, _Named], call_ids: set[str]) -> None:
        self._session = session
        self._named = named
        self._call_ids = call_ids
        session.holder = self

    @property
    def memory(self) -> Memory:
        """What the server remembers of the session."""
        return self._session.memory

    def make_handle(self, *, snapshot: bool) -> str:
        """Make a new handle.

        Args:
            snapshot: Whether it names the session as it is now; else as it will be when it is resumed.
        """
        handle = str(uuid4())
        self._named[handle] = _Named(self._session, self.memory.copy() if snapshot else None)
        return handle

    def add_call(self, call_id: str, call: Mapping[str, Any], *, blocks: bool) -> None:
        """The model calls a function.

        Args:
            call_id: The call's id.
            call: Its name and arguments.
            blocks: Whether the model waits with it.
        """
        self._call_ids.add(call_id)
        self.memory.calls.add(call_id, call, blocks=blocks)

    def heed(self, responses: Collection[Mapping[str, Any]]) -> Heeded:
        """Take in the responses of functions.

        Those of calls that were cancelled or dropped are ignored; and those that a resumed session does not
        wait for: the call was made after the state that came back, or has been answered. An id that no call
        has had is left to the responder, and so is a second response in a session that was not resumed: a
        scenario says there what is wrong.
        """
        return self.memory.calls.heed(responses, self._call_ids if self.memory.was_resumed else ())

    def release(self) -> None:
        """Let go, so that the session can be resumed. Does nothing the second time."""
        if self._session.holder is self:
            self._session.holder = None


def _is_uuid(text: str) -> bool:
    try:
        # Python takes other forms of it, too.
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False
