"""The blocking face of a session. Every method may be called from any thread.

Sending happens in the caller's thread, so that an error is raised where it was caused. Receiving takes from
an inbox that the session's reader thread fills, or whoever waits fills in its place.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from genai_live import codec
from genai_live.errors import (
    ConfigurationError,
    ConnectionClosedOK,
    LiveTimeout,
    ToolError,
    TurnTimeout,
    UnreadTurnError,
)
from genai_live.protocol import (
    LIVE,
    FunctionAnswered,
    GoingAway,
    Purpose,
    Reconnected,
    Reconnecting,
    TurnLost,
    purpose_of_raw,
)
from genai_live.runtime import Driver, Face, MessageIterator, turn_lost
from genai_live.session import client_messages
from genai_live.session.awaited_results import AwaitedResults
from genai_live.session.turn_so_far import TurnSoFar
from genai_live.tools import FunctionRunner, functions_of
from genai_live.types import (
    FunctionCall,
    LiveClientMessage,
    LiveServerMessage,
    LiveServerSetupComplete,
    Turn,
)
from genai_live.waiting import Deadline, seconds


class Session(Face[LiveServerMessage]):
    """A conversation with a model, made by ``client.live.connect``.

    Use it as a context manager, or call ``close``::

        config = {"output_audio_transcription": {}}
        with client.live.connect(model="gemini-3.8-live", config=config) as session:
            print(session.ask("Hello?").text)
    """

    def __init__(
        self, driver: Driver[LiveServerMessage], *, vertexai: bool, functions: FunctionRunner | None = None
    ) -> None:
        super().__init__(driver)
        self._vertexai = vertexai
        self._functions = functions

    # -- what it is ------------------------------------------------------------------------------------

    @property
    def setup_complete(self) -> LiveServerSetupComplete | None:
        """The server's answer to the setup of the newest connection."""
        answer = self._driver.protocol.answer_to_setup
        return answer.setup_complete if answer else None

    @property
    def session_id(self) -> str | None:
        """The server's name for the session; only Vertex AI gives one."""
        complete = self.setup_complete
        return complete.session_id if complete else None

    @property
    def resumption_handle(self) -> str | None:
        """The newest handle with which the session can be resumed on another connection, or None."""
        return self._driver.protocol.resumption_handle

    # -- sending -----------------------------------------------------------------------------------------

    def send_client_content(
        self, *, turns: Any = None, turn_complete: bool = True, timeout: float | None = 30.0
    ) -> None:
        """Adds turns to the conversation; they interrupt an answer that is being made.

        Args:
            turns: A text, a Part or Content, a dict of one, or a list of them; a bare text or Part becomes a
                turn of the user. None adds nothing.
            turn_complete: True makes the model answer; False makes it wait for more.
            timeout: Seconds until the message must be written.

        Raises:
            ConfigurationError: An argument cannot be used; nothing was sent.
            ConnectionClosed: The session has ended.
            LiveTimeout: The message could not be written in time.
        """
        message = client_messages.client_content(turns, turn_complete, vertexai=self._vertexai)
        self._send_message(message, timeout)

    def send_realtime_input(
        self,
        *,
        media: Any = None,
        audio: Any = None,
        video: Any = None,
        text: str | None = None,
        audio_stream_end: bool | None = None,
        activity_start: Any = None,
        activity_end: Any = None,
        timeout: float | None = 30.0,
    ) -> None:
        """Sends input as it happens. Takes exactly one of the arguments.

        Args:
            media: Deprecated; sent as ``audio`` or ``video``, by its type.
            audio: 16-bit little-endian mono PCM: bytes at 16 kHz, or a Blob with a type such as
                ``audio/pcm;rate=24000``. 100 ms at a time (3,200 bytes at 16 kHz) is a good size.
            video: A Blob with a JPEG or PNG image, or a picture of Pillow; at most one a second is looked at.
            text: Text; it counts as activity and is answered at once.
            audio_stream_end: True: the microphone was turned off.
            activity_start: ActivityStart or {}: only where automatic detection is disabled.
            activity_end: ActivityEnd or {}: likewise.
            timeout: Seconds until the message must be written.

        Raises:
            ConfigurationError: An argument cannot be used, or there is not exactly one; nothing was sent.
            ConnectionClosed: The session has ended.
            LiveTimeout: The message could not be written in time.
        """
        message = client_messages.realtime_input(
            media=media,
            audio=audio,
            video=video,
            text=text,
            audio_stream_end=audio_stream_end,
            activity_start=activity_start,
            activity_end=activity_end,
        )
        self._send_message(message, timeout)

    def send_tool_response(self, *, function_responses: Any, timeout: float | None = 30.0) -> None:
        """Answers function calls of the model.

        Args:
            function_responses: A FunctionResponse or a dict of one, or a list of them: ``id`` and ``name`` of
                the call, and ``response``, a dict.
            timeout: Seconds until the message must be written.

        Raises:
            ConfigurationError: An argument cannot be used; nothing was sent.
            ConnectionClosed: The session has ended.
            LiveTimeout: The message could not be written in time.
        """
        message = client_messages.tool_response(function_responses, vertexai=self._vertexai)
        self._send_message(message, timeout)

    def send_context_update(
        self, *, system_instruction: Any = None, tools: Any = None, timeout: float | None = 30.0
    ) -> None:
        """Changes the system instruction or the tools in mid-session; what is not given stays.

        Google documents this for gemini-3.8-live on Vertex AI only.

        Args:
            system_instruction: A text or Content.
            tools: The tools from now on, as in a config or as LiveClientContextUpdateTools; an empty list
                clears them.
            timeout: Seconds until the message must be written.

        Raises:
            ConfigurationError: An argument cannot be used, or there is none; nothing was sent.
            ConnectionClosed: The session has ended.
            LiveTimeout: The message could not be written in time.
        """
        given = client_messages.tools_of_update(tools, vertexai=self._vertexai)
        message = client_messages.context_update(system_instruction, given, vertexai=self._vertexai)
        if self._functions is not None and given is not None:
            # Before it is sent, as the model may call at once.
            self._functions.functions = functions_of(given)
        self._send_message(message, timeout)

    def _send_message(self, message: LiveClientMessage, timeout: float | None) -> None:
        self._send(message, codec.encode(message), self._driver.protocol.purpose_of(message), timeout)

    def _purpose_of_raw(self, message: dict[str, Any]) -> Purpose:
        return purpose_of_raw(message)

    # -- receiving ---------------------------------------------------------------------------------------

    def receive(self, timeout: float | None = None) -> MessageIterator[LiveServerMessage]:
        """Iterates over the messages up to the end of the turn.

        Models that only transcribe have no turns: there it ends when a transcript is complete.

        Args:
            timeout: Seconds to wait for each message, or None for no limit.

        Raises:
            ModeError: The messages go to ``callbacks.on_message``.
            ConcurrentReceiveError: Another thread is reading.
            LiveTimeout: While iterating: no message came in time. The iterator can be used again.
            TurnLostError: While iterating: a reconnection cut through the turn. The session goes on.
            ConnectionClosed: While iterating: the session ended before the turn did.
        """
        limit = seconds(timeout)
        so_far = TurnSoFar()

        def take() -> LiveServerMessage:
            message = self._next_of_turn(Deadline(limit), so_far.turn)
            so_far.add(message)
            return message

        return self._iterator("receive", take, self._driver.incoming.ends_turn)

    def _next_of_turn(self, deadline: Deadline, so_far: Callable[[], Turn]) -> LiveServerMessage:
        while True:
            item = self._next(deadline)
            if isinstance(item, LiveServerMessage):
                return item
            if isinstance(item, TurnLost):
                raise turn_lost(item, so_far())

    def events(
        self, timeout: float | None = None
    ) -> MessageIterator[LiveServerMessage | GoingAway | Reconnecting | Reconnected | FunctionAnswered]:
        """Iterates over every message, and what happens to the connection, until the session ends.

        Besides, FunctionAnswered says how a function was answered that the session ran by itself.

        A ``goAway`` message comes as GoingAway. Otherwise as ``messages``.
        """
        limit = seconds(timeout)

        def take() -> LiveServerMessage | GoingAway | Reconnecting | Reconnected | FunctionAnswered:
            try:
                item = self._next(Deadline(limit))
                while isinstance(item, TurnLost):  # Reconnected says so as well
                    item = self._next(Deadline(limit))
            except ConnectionClosedOK:
                raise StopIteration from None
            if isinstance(item, LiveServerMessage) and item.go_away is not None:
                return GoingAway(item.go_away.time_left, item)
            return item

        return self._iterator("events", take)

    def ask(
        self, turns: Any, *, via: Literal["content", "realtime"] = "content", timeout: float | None = None
    ) -> Turn:
        """Sends a turn and returns the whole answer.

        Functions that the session runs by itself belong to it: it ends when they are answered, and the model
        has spoken of the answers.

        Args:
            turns: As for ``send_client_content``; a str where ``via`` is "realtime".
            via: "realtime" sends it with ``send_realtime_input``, for models that refuse content in
                mid-session (gemini-3.1).
            timeout: Seconds for all of it, or None for no limit.

        Raises:
            UnreadTurnError: An earlier turn has not been read to its end; nothing was sent.
            TurnTimeout: The answer was not complete in time; ``partial`` is what came. The rest can be read
                with ``receive`` or dropped with ``discard_turn``.
            TurnLostError: A reconnection cut through the turn; ``partial`` is what came. The session goes on:
                ask again, if asking twice does no harm.
            ToolError: The model called a function that the session does not run: answer it with
                ``send_tool_response``, then read on with ``receive``. ``partial`` holds the call.
            ConfigurationError, ModeError, ConcurrentReceiveError, ConnectionClosed: As for sending and
                receiving.
        """
        deadline = Deadline(seconds(timeout))
        messages: list[LiveServerMessage] = []

        def so_far() -> Turn:
            return Turn.from_messages(messages)

        reader = self._iterator("ask", lambda: self._next_or_answered(deadline, so_far))
        try:
            if self.state in LIVE and self._driver.incoming.has_unread_turn:
                raise UnreadTurnError(
                    "an earlier turn has not been read to its end: read it with receive(), or drop it with"
                    " discard_turn()"
                )
            self._ask(turns, via, deadline)
            self._read_turns(reader, messages)
        except LiveTimeout as error:
            raise TurnTimeout(
                f"the turn was not complete after {timeout} seconds", partial=so_far()
            ) from error
        finally:
            reader.close()
        return so_far()

    def _next_or_answered(
        self, deadline: Deadline, so_far: Callable[[], Turn]
    ) -> LiveServerMessage | FunctionAnswered:
        while True:
            item = self._next(deadline)
            if isinstance(item, LiveServerMessage | FunctionAnswered):
                return item
            if isinstance(item, TurnLost):
                raise turn_lost(item, so_far())

    def _read_turns(
        self,
        reader: MessageIterator[LiveServerMessage | FunctionAnswered],
        messages: list[LiveServerMessage],
    ) -> None:
        """Reads up to the end of the turn, and of those in which the model speaks of what it called."""
        results = AwaitedResults()
        ended = False
        while not ended or results.pending:
            item = next(reader)
            if isinstance(item, FunctionAnswered):
                results.answered(item)
                continue
            if item.turn_restarted:
                messages.clear()
                results = AwaitedResults()
            messages.append(item)
            results.came(item)
            if any(not call.handled for call in _calls(item)):
                raise _nobody_answers(messages)
            if self._driver.incoming.ends_turn(item):
                results.turn_ended()
                ended = True

    def _ask(self, turns: Any, via: str, deadline: Deadline) -> None:
        if via == "content":
            self.send_client_content(turns=turns, timeout=deadline.remaining())
        elif via == "realtime":
            self.send_realtime_input(text=turns, timeout=deadline.remaining())
        else:
            raise ConfigurationError(f"expected 'content' or 'realtime', got {via!r}", where="via")

    def discard_turn(self, timeout: float | None = None) -> None:
        """Reads the rest of an unread turn away; returns at once if there is none.

        Args:
            timeout: Seconds for all of it, or None for no limit.

        Raises:
            LiveTimeout: The turn did not end in time.
            ModeError, ConcurrentReceiveError, ConnectionClosed: As for ``receive``.
        """
        deadline = Deadline(seconds(timeout))
        reader = self._iterator("discard_turn", lambda: self._next(deadline))
        try:
            while self._driver.incoming.has_unread_turn:
                next(reader)
        finally:
            reader.close()


def _calls(message: LiveServerMessage) -> list[FunctionCall]:
    return (message.tool_call.function_calls if message.tool_call else None) or []


def _nobody_answers(messages: list[LiveServerMessage]) -> ToolError:
    partial = Turn.from_messages(messages)
    calls = ", ".join(f"{call.name} (id {call.id})" for call in partial.tool_calls if not call.handled)
    return ToolError(
        f"the model called {calls}: answer with send_tool_response(), then read on with receive()",
        partial=partial,
    )
