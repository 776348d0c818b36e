"""The session's protocol: what may happen when, and what to do about it. No threads, sockets or clock.

Its caller tells it what happened and performs the actions that come back, in their order.
"""

from __future__ import annotations

from typing import Any, Generic

import attrs

from genai_live.errors import APIError, LiveError, Phase, ProtocolError
from genai_live.protocol.ending import Ending, closed_by_server, closed_by_us, failed
from genai_live.protocol.messages import ClientMessage, Message
from genai_live.protocol.states import TRANSITIONS, State, Step
from genai_live.types import LiveServerMessage


@attrs.frozen
class SendMessage:
    """Write this message."""

    message: ClientMessage


@attrs.frozen
class SendClose:
    """Write a close frame."""

    code: int
    reason: str


@attrs.frozen
class Opened:
    """The session is ready to be used."""


@attrs.frozen
class Deliver(Generic[Message]):
    """Hand this to whoever reads: a message, or an error that the reader is to be raised."""

    item: Message | APIError


@attrs.frozen
class Ended:
    """Nothing more will come."""

    ending: Ending


Action = SendMessage | SendClose | Opened | Deliver[Message] | Ended

_PHASES: dict[State, Phase] = {
    State.NEW: "connecting",
    State.CONNECTING: "connecting",
    State.SETTING_UP: "setting up",
    State.OPEN: "open",
    State.CLOSING: "closing",
}


class Connection(Generic[Message]):
    """One session, from its setup to its end.

    Args:
        setup: The first message.

    Attributes:
        state: See the states module.
        answer_to_setup: The server's, once it came.
        resumption_handle: The newest handle with which the session could be resumed.
        ending: How it ended, once it has.
    """

    def __init__(self, setup: ClientMessage) -> None:
        self._setup = setup
        self._wanted_end: Ending | None = None
        self.state = State.NEW
        self.answer_to_setup: Message | None = None
        self.resumption_handle: str | None = None
        self.ending: Ending | None = None

    def connect(self) -> None:
        """The dial begins."""
        self._step(Step.CONNECT)

    def upgraded(self) -> list[Action[Message]]:
        """The WebSocket is there."""
        if self.state is State.CLOSING:
            return []
        self._step(Step.UPGRADED)
        return [SendMessage(self._setup)]

    def received(self, message: Message) -> list[Action[Message]]:
        """A message came.

        Raises:
            ProtocolError: It came before ``setupComplete``.
            APIError: It refuses the setup.
        """
        if self.state is State.OPEN:
            if isinstance(message, LiveServerMessage):
                self._remember_handle(message)
            error = _error_in(message)
            if error is None:
                return [Deliver(message)]
            return [Deliver(message), Deliver(error)] if message.server_content else [Deliver(error)]
        if self.state is State.CLOSING:
            return []
        return self._take_answer_to_setup(message)

    def _remember_handle(self, message: LiveServerMessage) -> None:
        update = message.session_resumption_update
        if update is not None and update.resumable and update.new_handle:
            self.resumption_handle = update.new_handle

    def _take_answer_to_setup(self, message: Message) -> list[Action[Message]]:
        if (error := _error_in(message)) is not None:
            raise error
        if message.setup_complete is None:
            raise ProtocolError(f"expected setupComplete as the first message, got {message!r:.200}")
        self.answer_to_setup = message
        self._step(Step.SETUP_COMPLETE)
        return [Opened()]

    def close(self, code: int, reason: str) -> list[Action[Message]]:
        """The user wants the end; later calls change nothing."""
        return self._want_end(closed_by_us(code, reason, self.resumption_handle), code, reason)

    def fail(self, error: LiveError, code: int) -> list[Action[Message]]:
        """We cannot go on; the server is told the code."""
        return self._want_end(failed(error, code), code, "")

    def _want_end(self, ending: Ending, code: int, reason: str) -> list[Action[Message]]:
        if self.state in (State.CLOSING, State.CLOSED):
            return []
        upgraded = self.state in (State.SETTING_UP, State.OPEN)
        self._wanted_end = ending
        self._step(Step.CLOSE)
        return [SendClose(code, reason)] if upgraded else []

    def disconnected(
        self, code: int, reason: str, cause: BaseException | None = None
    ) -> list[Action[Message]]:
        """The connection is gone: by the server's close frame, or without one (1006)."""
        phase = _PHASES[self.state]
        ending = self._wanted_end or closed_by_server(code, reason, phase, self.resumption_handle, cause)
        return self._end(ending)

    def failed(self, error: LiveError) -> list[Action[Message]]:
        """The connection could not be made, or had to be given up."""
        return self._end(self._wanted_end or failed(error))

    def _end(self, ending: Ending) -> list[Action[Message]]:
        self._step(Step.END)
        self.ending = ending
        return [Ended(ending)]

    def _step(self, step: Step) -> None:
        self.state = TRANSITIONS[self.state, step]


def _error_in(message: Message) -> APIError | None:
    """The service documents no error message; a gateway in front of it may send one."""
    unknown = message.unknown_fields
    if not unknown:
        return None
    error: Any = unknown.get("error")
    if error is None and {"code", "message"} <= unknown.keys():
        error = unknown
    if not isinstance(error, dict):
        return None
    code, status, text = error.get("code"), error.get("status"), error.get("message")
    return APIError(
        f"the server sent an error: {' '.join(str(part) for part in (code, status, text) if part)}",
        code=code if isinstance(code, int) else None,
        status=status if isinstance(status, str) else None,
        body=error,
    )
