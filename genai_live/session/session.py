"""The blocking face of a session. Every method may be called from any thread.

Sending happens in the caller's thread, so that an error is raised where it was caused. Receiving takes from
an inbox that the session's reader thread fills.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Literal

from genai_live import codec
from genai_live.errors import (
    ConfigurationError,
    LiveTimeout,
    ModeError,
    ToolError,
    TurnTimeout,
    UnreadTurnError,
)
from genai_live.protocol import GoingAway, State
from genai_live.runtime import Driver, MailboxEnded, SessionStats
from genai_live.session import client_messages
from genai_live.session.reading import MessageIterator, ReaderClaim
from genai_live.transport import Transport
from genai_live.types import LiveServerMessage, LiveServerSetupComplete, Turn
from genai_live.waiting import Deadline, seconds


class Session:
    """A conversation with a model, made by ``client.live.connect``.

    Use it as a context manager, or call ``close``::

        config = {"output_audio_transcription": {}}
        with client.live.connect(model="gemini-3.8-live", config=config) as session:
            print(session.ask("Hello?").text)
    """

    def __init__(self, driver: Driver, *, vertexai: bool) -> None:
        self._driver = driver
        self._vertexai = vertexai
        self._claim = ReaderClaim()
        driver.attach(self)

    # -- what it is ------------------------------------------------------------------------------------

    @property
    def conn(self) -> Transport | None:
        """The current connection, or None; writing through it is not supported."""
        return self._driver.transport

    @property
    def state(self) -> State:
        """What the session is doing."""
        return self._driver.state

    @property
    def setup_complete(self) -> LiveServerSetupComplete | None:
        """The server's answer to the setup."""
        return self._driver.connection.setup_complete

    @property
    def session_id(self) -> str | None:
        """The server's name for the session; only Vertex AI gives one."""
        complete = self.setup_complete
        return complete.session_id if complete else None

    @property
    def resumption_handle(self) -> str | None:
        """The newest handle with which the session can be resumed on another connection, or None."""
        return self._driver.connection.resumption_handle

    @property
    def close_code(self) -> int | None:
        """How the connection ended (RFC 6455, section 7.4); None while it has not."""
        ending = self._driver.connection.ending
        return ending.code if ending else None

    @property
    def close_reason(self) -> str | None:
        """Why the connection ended; None while it has not."""
        ending = self._driver.connection.ending
        return ending.reason if ending else None

    @property
    def stats(self) -> SessionStats:
        """A snapshot of the session's counters."""
        return self._driver.stats()

    def __repr__(self) -> str:
        return f"<Session {self.state.value}>"

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
        message = client_messages.client_content(turns, turn_complete)
        self._send(codec.encode(message), timeout, asks=turn_complete)

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
            video: A Blob with a JPEG or PNG image; at most one a second is looked at.
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
        self._send(codec.encode(message), timeout, asks=text is not None)

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
        self._send(codec.encode(message), timeout)

    def send_context_update(
        self, *, system_instruction: Any = None, tools: Any = None, timeout: float | None = 30.0
    ) -> None:
        """Changes the system instruction or the tools in mid-session; what is not given stays.

        Google documents this for gemini-3.8-live on Vertex AI only.

        Args:
            system_instruction: A text or Content.
            tools: The tools from now on; an empty list clears them.
            timeout: Seconds until the message must be written.

        Raises:
            ConfigurationError: An argument cannot be used, or there is none; nothing was sent.
            ConnectionClosed: The session has ended.
            LiveTimeout: The message could not be written in time.
        """
        message = client_messages.context_update(system_instruction, tools)
        self._send(codec.encode(message), timeout)

    def send_raw(self, message: dict[str, Any], timeout: float | None = 30.0) -> None:
        """Sends a message as it is: for what a newer server has and this library does not know.

        Args:
            message: What can be written as a JSON object.
            timeout: Seconds until the message must be written.

        Raises:
            ConfigurationError: It cannot be written as JSON; nothing was sent.
            ConnectionClosed: The session has ended.
            LiveTimeout: The message could not be written in time.
        """
        self._send(codec.encode_json(message), timeout)

    def _send(self, payload: bytes, timeout: float | None, *, asks: bool = False) -> None:
        self._driver.send(payload, seconds(timeout), asks=asks)

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
            ConnectionClosed: While iterating: the session ended before the turn did.
        """
        limit = seconds(timeout)
        return self._iterator("receive", lambda: self._next_or_raise(Deadline(limit)), self._driver.ends_turn)

    def messages(self, timeout: float | None = None) -> MessageIterator[LiveServerMessage]:
        """Iterates over every message until the session ends. ``iter(session)`` is the same.

        A close in order ends the iteration quietly. Arguments and errors are those of ``receive``.
        """
        limit = seconds(timeout)
        return self._iterator("messages", lambda: self._next_or_stop(Deadline(limit)))

    def __iter__(self) -> Iterator[LiveServerMessage]:
        return self.messages()

    def events(self, timeout: float | None = None) -> MessageIterator[LiveServerMessage | GoingAway]:
        """Iterates over every message, and what happens to the connection, until the session ends.

        A ``goAway`` message comes as GoingAway. Otherwise as ``messages``.
        """
        limit = seconds(timeout)

        def take() -> LiveServerMessage | GoingAway:
            message = self._next_or_stop(Deadline(limit))
            if message.go_away is not None:
                return GoingAway(message.go_away.time_left, message)
            return message

        return self._iterator("events", take)

    def ask(
        self, turns: Any, *, via: Literal["content", "realtime"] = "content", timeout: float | None = None
    ) -> Turn:
        """Sends a turn and returns the whole answer.

        Args:
            turns: As for ``send_client_content``; a str where ``via`` is "realtime".
            via: "realtime" sends it with ``send_realtime_input``, for models that refuse content in
                mid-session (gemini-3.1).
            timeout: Seconds for all of it, or None for no limit.

        Raises:
            UnreadTurnError: An earlier turn has not been read to its end; nothing was sent.
            TurnTimeout: The answer was not complete in time; ``partial`` is what came. The rest can be read
                with ``receive`` or dropped with ``discard_turn``.
            ToolError: The model called a function: answer it with ``send_tool_response``, then read on with
                ``receive``. ``partial`` holds the call.
            ConfigurationError, ModeError, ConcurrentReceiveError, ConnectionClosed: As for sending and
                receiving.
        """
        deadline = Deadline(seconds(timeout))
        reader = self._iterator("ask", lambda: self._next_or_raise(deadline), self._driver.ends_turn)
        messages: list[LiveServerMessage] = []
        try:
            if self.state is State.OPEN and self._driver.has_unread_turn:
                raise UnreadTurnError(
                    "an earlier turn has not been read to its end: read it with receive(), or drop it with"
                    " discard_turn()"
                )
            self._ask(turns, via, deadline)
            for message in reader:
                messages.append(message)
                if message.tool_call is not None:
                    raise _nobody_answers(messages)
        except LiveTimeout as error:
            partial = Turn.from_messages(messages)
            raise TurnTimeout(
                f"the turn was not complete after {timeout} seconds", partial=partial
            ) from error
        finally:
            reader.close()
        return Turn.from_messages(messages)

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
        reader = self._iterator("discard_turn", lambda: self._next_or_raise(deadline))
        try:
            while self._driver.has_unread_turn:
                next(reader)
        finally:
            reader.close()

    def _iterator(self, name: str, take: Any, is_last: Any = None) -> MessageIterator[Any]:
        if self._driver.pushes:
            raise ModeError(f"{name}() cannot be used: the messages go to callbacks.on_message")
        return MessageIterator(self._claim, take, is_last)

    def _next_or_raise(self, deadline: Deadline) -> LiveServerMessage:
        try:
            return self._driver.take(deadline)
        except MailboxEnded:
            self._driver.raise_ending()

    def _next_or_stop(self, deadline: Deadline) -> LiveServerMessage:
        try:
            return self._driver.take(deadline)
        except MailboxEnded:
            ending = self._driver.connection.ending
            if ending is not None and ending.in_order:
                raise StopIteration from None
            self._driver.raise_ending()

    # -- ending ------------------------------------------------------------------------------------------

    def close(self, code: int = 1000, reason: str = "", timeout: float | None = 5.0) -> None:
        """Ends the session: a close frame, the server's answer, the end of the reader thread.

        Idempotent. In a callback of this session it starts closing and returns at once.

        Args:
            code: 1000, or 3000 to 4999 (RFC 6455, section 7.4).
            reason: Told to the server; cut at 123 bytes.
            timeout: Seconds after which the connection is cut, whatever the server does.

        Raises:
            ConfigurationError: The code or the timeout cannot be used.
        """
        if code != 1000 and not 3000 <= code <= 4999:
            raise ConfigurationError(f"expected 1000, or 3000 to 4999, got {code!r}", where="code")
        self._driver.close(code, reason, timeout=seconds(timeout))

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __del__(self) -> None:
        driver = getattr(self, "_driver", None)
        if driver is not None and driver.state is State.OPEN:
            warnings.warn(f"{self!r} was dropped without close()", ResourceWarning, source=self, stacklevel=2)
            driver.abandon()


def _nobody_answers(messages: list[LiveServerMessage]) -> ToolError:
    partial = Turn.from_messages(messages)
    calls = ", ".join(f"{call.name} (id {call.id})" for call in partial.tool_calls)
    return ToolError(
        f"the model called {calls}: answer with send_tool_response(), then read on with receive()",
        partial=partial,
    )
