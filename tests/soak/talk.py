"""One session as its user sees it: a thread that speaks, a thread that converses, and notes of everything."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import attrs

from genai_live import (
    Client,
    LiveCallbacks,
    LiveError,
    LiveTimeout,
    ReconnectPolicy,
    Session,
    SessionStats,
    Watchdogs,
)
from genai_live.types import LiveClientMessage, LiveServerMessage
from tests.soak.figures import size_of
from tests.soak.plan import CHUNK_SECONDS, IDLE_SECONDS, SESSION_HEADER, Plan
from tests.soak.runs import Runs
from tests.timing import scaled

TURN_SECONDS = scaled(20)
"""No message of a turn takes so long: then the turn hangs, and nobody has said that it is lost."""
SENDING_SECONDS = scaled(20)
_CHUNK = bytes(3196)


@attrs.define
class Notes:
    """What the user of one session knows at its end.

    Attributes:
        content: What was sent, by kind and number, and whether the send returned; if not, nothing was sent.
        in_doubt: How often each of it was reported in doubt.
        chunks: How many chunks of audio were sent.
        chunks_raised: Those of them whose send raised.
        heard: The numbers of the messages that were delivered.
        turns: How many were asked for, answered, and lost.
        reconnecting: How often that was told.
        reconnected: Likewise.
        resumption_seconds: From the one to the other.
        problems: What must not happen, and did.
        ending: Code and reason, once the session has ended.
        stats: The session's own counters, at the end.
    """

    content: dict[tuple[str, int], bool] = attrs.Factory(dict)
    in_doubt: Counter[tuple[str, int]] = attrs.Factory(Counter)
    chunks: int = 0
    chunks_raised: set[int] = attrs.Factory(set)
    heard: Runs = attrs.Factory(Runs)
    turns: Counter[str] = attrs.Factory(Counter)
    reconnecting: int = 0
    reconnected: int = 0
    resumption_seconds: list[float] = attrs.Factory(list)
    problems: list[str] = attrs.Factory(list)
    ending: tuple[int | None, str | None] | None = None
    stats: SessionStats | None = None

    @property
    def size(self) -> int:
        """What they hold of memory, in bytes."""
        return sum(size_of(getattr(self, field.name)) for field in attrs.fields(Notes))


class Talk:
    """A session and its two threads. What differs by the way of reading stands in `readers`.

    Args:
        plan: What kind of session.
        seed: Of every decision.
    """

    def __init__(self, plan: Plan, seed: int) -> None:
        self.plan = plan
        self.notes = Notes()
        self.random = random.Random(f"{seed}/client/{plan.number}")
        self.session: Session
        self._stop_speaking = threading.Event()
        self._stop_asking = threading.Event()
        self._numbers: Counter[str] = Counter()
        self._left_at: float | None = None
        self._answered: set[int] = set()
        self._moved_at = time.monotonic()
        self._threads = [
            threading.Thread(target=self._guarded, args=(act,), name=f"{name} {plan.number}")
            for name, act in (("speaking", self._speak), ("conversing", self._converse))
        ]

    # -- what the program does -------------------------------------------------------------------------------

    def open(self, client: Client, port: int) -> None:
        """Connects, and begins to talk."""
        config: dict[str, Any] = {
            "http_options": {
                "base_url": f"https://127.0.0.1:{port}",
                "headers": {SESSION_HEADER: str(self.plan.number)},
            },
            "response_modalities": ["AUDIO"],
        }
        if self.plan.is_transparent:
            config["session_resumption"] = {"transparent": True}
        self.session = client.live.connect(
            model=self.plan.model,
            config=config,
            callbacks=LiveCallbacks(**self.callbacks()),
            reconnect=ReconnectPolicy(
                attempts=100,  # as there are more of them in a minute than with a user's pauses
                attempt_timeout=scaled(3),
                first_pause=0.1,
                longest_pause=1.0,
                resend_in_doubt=self.plan.resends,
                keep_media=self.plan.keeps_media,
            ),
            watchdogs=Watchdogs(idle=IDLE_SECONDS, reconnect=True) if self.plan.freezes_for_good else None,
        )
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """No more questions."""
        self._stop_asking.set()

    def join(self) -> None:
        """Waits until the last turn has ended or is known to be lost, then for the last chunk of audio."""
        speaking, conversing = self._threads
        conversing.join(2 * TURN_SECONDS + SENDING_SECONDS)
        self._stop_speaking.set()
        speaking.join(2 * SENDING_SECONDS)
        self.notes.problems += [
            f"the thread {thread.name!r} hangs" for thread in self._threads if thread.is_alive()
        ]

    def close(self) -> None:
        """Ends the session, and reads what is left of it."""
        self.session.close(timeout=scaled(5))
        try:
            self.read_the_rest()
        except LiveError as error:
            self.notes.problems.append(f"the session ended with {error}")
        self.notes.stats = self.session.stats
        self.notes.ending = (self.session.close_code, self.session.close_reason)

    # -- how answers are read: see `readers` -----------------------------------------------------------------

    def callbacks(self) -> dict[str, Callable[..., object]]:
        """Those of LiveCallbacks."""
        raise NotImplementedError

    def take_turn(self) -> None:
        """Asks something and takes the answer."""
        raise NotImplementedError

    def read_the_rest(self) -> None:
        """Notes what has not been read when the session is closed."""
        raise NotImplementedError

    # -- the speaking thread ---------------------------------------------------------------------------------

    def _guarded(self, act: Callable[[], None]) -> None:
        try:
            act()
        except Exception as error:
            self.notes.problems.append(f"{threading.current_thread().name}: {type(error).__name__}: {error}")

    def _speak(self) -> None:
        due = time.monotonic()
        while not self._stop_speaking.wait(max(0.0, due - time.monotonic())):
            due += CHUNK_SECONDS
            number = self.notes.chunks
            self.notes.chunks += 1
            try:
                self.session.send_realtime_input(
                    audio=number.to_bytes(4, "big") + _CHUNK, timeout=SENDING_SECONDS
                )
            except LiveTimeout:
                self.notes.chunks_raised.add(number)

    # -- the conversing thread -------------------------------------------------------------------------------

    def _converse(self) -> None:
        while not self._stop_asking.wait(self.random.uniform(0, 0.8)):
            if self.plan.handles != "recurring" and self.random.random() < 0.2:
                self._add_context()
            self.take_turn()

    def _add_context(self) -> None:
        def send(number: int, timeout: float) -> None:
            text = f"context {number}"
            if self.plan.is_transparent:
                self.session.send_context_update(system_instruction=text, timeout=timeout)
            else:
                self.session.send_client_content(turns=text, turn_complete=False, timeout=timeout)

        self._send("context", send)

    def ask(self) -> int | None:
        """Asks a question; returns its number, or None if it could not be sent in time."""

        def send(number: int, timeout: float) -> None:
            text = f"question {number}"
            if self.plan.handles == "recurring":
                self.session.send_realtime_input(text=text, timeout=timeout)
            else:
                self.session.send_client_content(turns=text, timeout=timeout)

        number = self._send("question", send)
        self._moved_at = time.monotonic()
        if number is not None:
            self.notes.turns["asked"] += 1
        return number

    def respond(self, message: LiveServerMessage) -> None:
        """Answers the call that the message holds, as a function would: after a while."""
        assert message.tool_call is not None
        assert message.tool_call.function_calls is not None
        (call,) = message.tool_call.function_calls

        def send(number: int, timeout: float) -> None:
            response = {"id": call.id, "name": call.name, "response": {"number": number}}
            self.session.send_tool_response(function_responses=response, timeout=timeout)

        self._stop_speaking.wait(self.random.uniform(0, 1.5))
        while self._send("response", send) is None:
            pass  # the model waits

    def _send(self, kind: str, send: Callable[[int, float], None]) -> int | None:
        self._numbers[kind] += 1
        number = self._numbers[kind]
        patient = self.random.random() < 0.7
        try:
            send(number, SENDING_SECONDS if patient else 0.1)
        except LiveTimeout:
            self.notes.content[kind, number] = False
            return None
        self.notes.content[kind, number] = True
        return number

    # -- what is delivered -----------------------------------------------------------------------------------

    def note(self, message: LiveServerMessage) -> int:
        """Notes the number of a message; returns to which question it belongs, 0 for none."""
        if message.turn_restarted:
            return 0
        usage = message.usage_metadata
        assert usage is not None
        assert usage.total_token_count is not None
        self.notes.heard.add(usage.total_token_count)
        question = usage.response_token_count or 0
        if question:
            self._moved_at = time.monotonic()
        if question in self._answered:
            if not self.plan.is_transparent:
                self.notes.problems.append(f"more came of the answer to question {question}, after its end")
            self.notes.turns["ended once more"] += is_end(message)
            return 0
        if is_end(message):
            self.notes.turns["answered"] += 1
            self._answered.add(question)
        elif message.server_content is not None and message.server_content.interrupted:
            self.notes.turns["interrupted"] += 1
        return question

    def is_answered(self, question: int) -> bool:
        """Whether the turn of a question has ended."""
        return question in self._answered

    def lost(self, question: int, in_doubt: tuple[Any, ...]) -> None:
        """The turn of a question is over; it was not answered, or not wholly.

        Args:
            question: Its number.
            in_doubt: What was told with the news.
        """
        self.notes.turns["lost"] += 1
        told = ("question", question) in {content_of(message) for message in in_doubt}
        if not (told or self.plan.is_transparent):
            self.notes.problems.append(f"the turn of question {question} was lost, and it was not in doubt")

    @property
    def stands_still(self) -> bool:
        """Whether nothing has come of any question for too long, whatever else comes."""
        return time.monotonic() > self._moved_at + TURN_SECONDS

    def hangs(self, question: int) -> None:
        """Nothing more came of a turn."""
        self.notes.problems.append(f"question {question} was neither answered nor reported lost")

    def note_reconnecting(self) -> None:
        """The connection is gone, or being left."""
        self._left_at = time.monotonic()
        self.notes.reconnecting += 1

    def note_reconnected(self, state_restored: bool, in_doubt: tuple[Any, ...], *, in_order: bool) -> None:
        """There is another one.

        Args:
            state_restored: As it was told.
            in_doubt: Likewise.
            in_order: Whether it is told in its place among the messages.
        """
        self.notes.reconnected += 1
        if self._left_at is None:
            self.notes.problems.append("Reconnected without Reconnecting")
        else:
            self.notes.resumption_seconds.append(time.monotonic() - self._left_at)
            self._left_at = None
        if not state_restored:
            self.notes.problems.append("the state was not restored")
        for message in in_doubt:
            kind, number = content_of(message)
            self.notes.in_doubt[kind, number] += 1
            if in_order and kind == "question" and number in self._answered:
                self.notes.problems.append(f"question {number} is in doubt, after the end of its turn")


def is_end(message: LiveServerMessage) -> bool:
    """Whether the turn is complete."""
    return bool(message.server_content and message.server_content.turn_complete)


def content_of(message: LiveClientMessage) -> tuple[str, int]:
    """Kind and number of a message of ours."""
    if message.tool_response is not None:
        (response,) = message.tool_response.function_responses or []
        assert response.response is not None
        return "response", response.response["number"]
    if message.realtime_input is not None:
        text = message.realtime_input.text
    elif message.client_content is not None:
        text = _text(message.client_content.turns[0])
    else:
        text = _text(message.context_update.system_instruction)
    kind, number = str(text).split()
    return kind, int(number)


def _text(content: Any) -> str:
    return content.parts[0].text
