"""What was written, and whether the model has seen it. No threads, sockets or clock.

A message that was written whole is *in doubt* until the turn that it started or fed is complete; an answer
to a function call until the model has gone on after it. Then the service must have had it. What is still in
doubt when a connection ends may or may not be a part of the conversation that is resumed.

Turns end in the order in which they were asked for, as an interrupted one ends as well (``interrupted``, then
``turnComplete``). So each entry knows how many ends of turns it has to wait for. A turn that begins while
none is asked for is the model's own (it heard speech, or answers a call late), and its end is no other's.

The model has gone on after an answer when it says something in the turn that stood still for it, or does
anything in one that began later. Another call in the same turn shows nothing, as it may have been on its way;
nor does the end of a turn alone, which Vertex AI and 3.8 send right after a call (protocol notes, 2.5). Of a
second answer to the same call nothing shows in that turn, which goes on with the first.

In transparent mode (Vertex AI) the server's index says what a handle holds, and nothing has to be in doubt:
what came after it is kept, and sent again. Messages count from 1 after the setup, anew in each connection
(protocol notes, 3.5). One thing is not sent again, and so in doubt: an answer that a turn stood still for
which does not go on. The restored session may still wait for it, and would go on with a turn that is over.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Generic

import attrs

from genai_live.protocol.messages import Message
from genai_live.protocol.purposes import Purpose
from genai_live.types import (
    FunctionResponse,
    LiveClientMessage,
    LiveServerMessage,
    VoiceActivityType,
)

MAX_KEPT_BYTES = 16 * 1024 * 1024
"""What transparent mode keeps for another connection: six minutes of audio. Beyond it, media goes first."""


@attrs.define(eq=False)
class Sent:
    """A message that was written, or is being written.

    Attributes:
        message: A LiveClientMessage, or a dict from ``send_raw``.
        purpose: What it does.
        size: Its bytes.
        number: Which message of its connection it is, from 1 on.
        turns_left: How many turns must end until the one is complete that it started or fed.
        media: How many messages with media were written before it, on its connection.
        awaited: Of an answer to a call: whether the turn in which it was sent stands still and needs it, so
            that what comes of that turn shows that it was seen. It needs no second answer to the same call.
        unblocks: Likewise, but for good: whether a turn stood still when it was written.
        answered: Of an answer to calls: which of them nobody had answered.
        late: Likewise: whether nobody waits for it, as the turns that called are known to be over.
        led_to_call: Whether the turn that it started or fed has called a function since: whoever knows of the
            call knows of it.
    """

    message: Any
    purpose: Purpose
    size: int
    number: int
    turns_left: int
    media: int = 0
    awaited: bool = False
    unblocks: bool = False
    answered: Sequence[str] = ()
    late: bool = False
    led_to_call: bool = False


@attrs.frozen
class Cut:
    """What the end of a connection did to the conversation.

    Attributes:
        in_doubt: What may or may not have been seen.
        media_in_doubt: Likewise, how many messages with media.
        send_again: What is to be written first on the next connection, in order.
        turn_lost: Whether a turn is over that was under way.
        turn_restarts: Whether it begins anew, as what started it is sent again.
        turns_gone: How many turns that were asked for will not come.
        turns_repeated: How many that had ended will come once more, as the handle does not hold them.
    """

    in_doubt: tuple[Sent, ...]
    media_in_doubt: int
    send_again: tuple[Sent, ...]
    turn_lost: bool
    turn_restarts: bool
    turns_gone: int
    turns_repeated: int


class Ledger(Generic[Message]):
    """Follows both directions of a conversation.

    Args:
        ends: Whether a message is the last of its turn.
        belongs: Whether a message is a part of some turn.
        transparent: Whether the session asked for the server's index.

    Attributes:
        again: What is to be written first on this connection, as it was written on an earlier one.
        turns_asked: How many turns were asked for that have not ended.
        inside_turn: Whether a turn has begun and not ended.
        waits_for_answer: Whether it stands still until a function is answered.
        calls: The ids of the calls that nobody has answered.
        media_dropped: How many messages with media were not kept for lack of room.
    """

    def __init__(
        self,
        ends: Callable[[Message], bool],
        belongs: Callable[[Message], bool],
        *,
        transparent: bool = False,
    ) -> None:
        self._ends = ends
        self._belongs = belongs
        self.transparent = transparent
        self._index_came = False
        self._entries: list[Sent] = []
        self._kept: deque[Sent] = deque()
        self._kept_bytes = 0
        self._count = 0
        self._media = 0
        self._media_at_turn: int | None = None
        self._media_heard = 0
        self.again: deque[Sent] = deque()
        self.turns_asked = 0
        self.inside_turn = False
        self._user_speaks = False
        self._turns_to_voice = 0
        self._own_turn = False
        self.waits_for_answer = False
        self.calls: dict[str, None] = {}
        self._calls_of_turn: set[str] = set()
        self._stands_still_for: set[str] = set()
        self._calls_given_up: set[str] = set()
        self.media_dropped = 0

    @property
    def answer_is_due(self) -> bool:
        """Whether a turn was asked for by words, or has begun, and has not ended."""
        return self.turns_asked > 0 or self.inside_turn

    @property
    def turn_is_open(self) -> bool:
        """Whether a turn was asked for, by words or by voice, or has begun, and has not ended."""
        return self.answer_is_due or self._user_speaks or self._turns_to_voice > 0

    @property
    def in_doubt(self) -> tuple[Any, ...]:
        """The messages that are in doubt now, media apart."""
        written = self._kept if self._index_came else self._entries
        return tuple(sent.message for sent in _without_media(*written, *self.again))

    # -- sending -----------------------------------------------------------------------------------------

    def begin(self, message: Any, purpose: Purpose, size: int) -> Sent:
        """A message is about to be written. Not after: its answer may be there before the writer goes on."""
        self._count += 1
        if purpose is Purpose.MEDIA:
            self._media += 1
            if not self.transparent:
                return _MEDIA
        turns_left = self.turns_asked + self._own_turn + 1
        sent = Sent(message, purpose, size, self._count, turns_left, self._media)
        if purpose is not Purpose.MEDIA:
            self._entries.append(sent)
        if purpose is Purpose.ASKS:
            self.turns_asked += 1
        elif purpose is Purpose.FEEDS:
            self._heard(_activity_in(message))
        elif purpose is Purpose.ANSWERS:
            sent.unblocks = self.waits_for_answer
            sent.awaited = self.waits_for_answer and not self._has_its_answers
            sent.answered = [call_id for call_id in _answered(message) if call_id in self.calls]
            sent.late = bool(sent.answered) and self._calls_given_up.issuperset(sent.answered)
            for call_id in sent.answered:
                del self.calls[call_id]
        if self.transparent:
            self._keep(sent)
        return sent

    @property
    def _has_its_answers(self) -> bool:
        """Whether the turn that stands still goes on by what was written on this connection."""
        written = (sent.message for sent in self._entries if sent.awaited)
        answered = {call_id for message in written for call_id in _answered(message)}
        return bool(self._stands_still_for) and self._stands_still_for <= answered

    def _keep(self, sent: Sent) -> None:
        self._kept.append(sent)
        self._kept_bytes += sent.size
        while self._kept_bytes > MAX_KEPT_BYTES:
            oldest = next((kept for kept in self._kept if kept.purpose is Purpose.MEDIA), None)
            if oldest is None:
                return
            self._kept.remove(oldest)
            self._kept_bytes -= oldest.size
            self.media_dropped += 1

    def undo(self, sent: Sent) -> None:
        """It was not written whole. Only the newest can be undone."""
        self._count -= 1
        if sent.purpose is Purpose.MEDIA:
            self._media = max(0, self._media - 1)
        elif sent in self._entries:
            self._entries.remove(sent)
        if sent.purpose is Purpose.ASKS:
            self.turns_asked = max(0, self.turns_asked - 1)
            self._own_turn = self._own_turn or (self.inside_turn and not self.turns_asked)
        self.calls.update(dict.fromkeys(sent.answered))
        if self._kept and self._kept[-1] is sent:
            self._kept.pop()
            self._kept_bytes -= sent.size

    # -- receiving ---------------------------------------------------------------------------------------

    def received(self, message: Message) -> bool:
        """A message came.

        Returns:
            Whether a turn that was asked for has ended with it.
        """
        if not isinstance(message, LiveServerMessage):
            return False
        if message.tool_call is not None:
            calls = [call.id for call in message.tool_call.function_calls or [] if call.id]
            self.calls.update(dict.fromkeys(calls))
            self._calls_of_turn.update(calls)
            if not self.waits_for_answer:
                self._stands_still_for.clear()
            self._stands_still_for.update(calls)
        if message.tool_call_cancellation is not None:
            self._cancelled(message.tool_call_cancellation.ids or [])
        if message.voice_activity is not None:
            kind = message.voice_activity.voice_activity_type
            self._heard(kind is VoiceActivityType.ACTIVITY_START)
        update = message.session_resumption_update
        if update is not None and update.resumable and update.new_handle:
            self._index(update.last_consumed_client_message_index)
        if not self._belongs(message):
            return False
        if not self.inside_turn:
            self.inside_turn = True
            self._own_turn = not self.turns_asked
        if _is_of_the_model(message):
            self._model_went_on(calling=message.tool_call is not None)
        return self._ends(message) and self._turn_ended()

    def _heard(self, speaks: bool | None) -> None:
        """The user speaks, or does no more, or nothing is known. No turn that is under way answers that."""
        if speaks is None:
            return
        self._user_speaks = speaks
        if speaks:
            self._turns_to_voice = self.turns_asked + self._own_turn + 1

    def _cancelled(self, calls: Sequence[str]) -> None:
        """The model goes on without these answers."""
        for call_id in calls:
            self.calls.pop(call_id, None)
        self._calls_of_turn.difference_update(calls)
        self.waits_for_answer = False
        for sent in self._entries:
            sent.awaited = False

    def _model_went_on(self, *, calling: bool) -> None:
        self.waits_for_answer = calling
        if self._media_at_turn is None:
            self._media_at_turn = self._media
        if not self._entries:
            return
        self._entries = [
            sent
            for sent in self._entries
            if sent.purpose is not Purpose.ANSWERS or not _is_heeded(sent, calling=calling)
        ]
        if calling:
            for sent in self._entries:
                sent.led_to_call = sent.led_to_call or sent.turns_left == 1

    def _turn_ended(self) -> bool:
        was_asked = not self._own_turn
        self.turns_asked -= was_asked
        self.inside_turn = self._own_turn = self.waits_for_answer = False
        self._calls_of_turn.clear()
        self._turns_to_voice = max(0, self._turns_to_voice - 1)
        self._media_heard = max(self._media_heard, self._media_of_turn(was_asked=was_asked))
        self._media_at_turn = None
        for sent in self._entries:
            sent.turns_left -= 1
            sent.awaited = False
        self._entries = [
            sent for sent in self._entries if sent.turns_left > 0 or sent.purpose is Purpose.ANSWERS
        ]
        return was_asked

    def _media_of_turn(self, *, was_asked: bool) -> int:
        """How many messages with media the server must have had for the turn that ends.

        They come in order: with a question it had all that was written before. What is written while the
        model answers feeds a later turn.
        """
        if was_asked:
            asks = (sent.media for sent in self._entries if sent.purpose is Purpose.ASKS)
            return next(asks, 0)
        return self._media_at_turn or 0

    @property
    def index_came(self) -> bool:
        """Whether the server has said what a handle of this conversation holds."""
        return self._index_came

    def _index(self, index: int | None) -> None:
        """What the newest handle holds. proto3 leaves out a 0: none is one, once there has been another."""
        if index is not None:
            self._index_came = self.transparent
        if self._index_came:
            while self._kept and self._kept[0].number <= (index or 0):
                self._kept_bytes -= self._kept.popleft().size

    # -- the end of a connection ---------------------------------------------------------------------------

    def cut(self, *, restored: bool, resend: bool, calls_survive: bool) -> Cut:
        """The conversation goes on, on another connection.

        Args:
            restored: Whether it is the same conversation; else a fresh start.
            resend: Whether what is in doubt is sent again.
            calls_survive: Whether the session that is resumed knows of the calls that wait for an answer.
        """
        known = restored and self._index_came
        left = tuple(self.again)
        doubtful = () if known else tuple(self._entries)
        media = 0 if known else max(0, self._media - self._media_heard)
        again = tuple(self._kept) if known else doubtful if resend else ()
        left_again = left if known or resend else ()
        if restored and calls_survive and self._goes_on(again, answers_come=known or resend):
            self._entries = [sent for sent in self._entries if sent.led_to_call]
            for sent in self._entries:
                sent.media = 0  # none of this connection was before it
            doubtful = tuple(sent for sent in doubtful if not sent.led_to_call)
            again = tuple(sent for sent in again if not sent.led_to_call)
            self._begin_connection(again + left_again)
            in_doubt = () if known else _without_media(*doubtful, *left)
            return Cut(in_doubt, media, again + left_again, False, False, 0, 0)
        in_doubt = _without_media(*doubtful, *left)
        if known:
            in_doubt = tuple(sent for sent in (*again, *left) if sent.unblocks)
            again = tuple(sent for sent in again if not sent.unblocks)
            left_again = tuple(sent for sent in left if not sent.unblocks)
        asks = [sent for sent in again if sent.purpose is Purpose.ASKS]
        repeated = sum(sent.turns_left <= 0 for sent in asks)
        dropped = 0 if left_again else sum(sent.purpose is Purpose.ASKS for sent in left)
        begins_anew = any(sent.turns_left == 1 for sent in asks)
        # Whoever waits for what the model says of an answer must learn that it may not have come.
        unanswered = any(sent.purpose is Purpose.ANSWERS and not sent.late for sent in doubtful) and not again
        lost = dropped > 0 or unanswered or (self.turn_is_open and (repeated > 0 or not begins_anew))
        cut = Cut(
            in_doubt,
            media,
            again + left_again,
            turn_lost=lost,
            turn_restarts=repeated > 0 or (begins_anew and not lost),
            turns_gone=self.turns_asked + dropped - (len(asks) - repeated),
            turns_repeated=repeated,
        )
        self.turns_asked = self._turns_to_voice = 0
        self.inside_turn = self._own_turn = self.waits_for_answer = False
        self._entries = []
        if not restored:
            self._index_came = False
            self.calls.clear()
        self._calls_given_up = {*self._calls_given_up, *self._calls_of_turn} & self.calls.keys()
        self._calls_of_turn.clear()
        self._begin_connection(cut.send_again)
        return cut

    def _goes_on(self, again: tuple[Sent, ...], *, answers_come: bool) -> bool:
        """Whether the turn stands still, and functions are still to be answered."""
        answered = bool(self._calls_of_turn) and self._calls_of_turn.isdisjoint(self.calls)
        if answered and not any(sent.purpose is Purpose.ANSWERS for sent in again):
            return False  # the restored session has the answers, and does not speak of them again
        return self._stands_still(answers_come=answers_come)

    @property
    def stands_still(self) -> bool:
        """Whether a turn waits for functions only, so that it can go on, on another connection."""
        return self._stands_still(answers_come=False) and not self._user_speaks

    def _stands_still(self, *, answers_come: bool) -> bool:
        """Whether the model still waits for functions, so that the turn goes on when they are answered.

        Args:
            answers_come: Whether it is certain to get the answers that were written.
        """
        moves_on = (Purpose.ASKS,) if answers_come else (Purpose.ASKS, Purpose.ANSWERS)
        moved = any(sent.purpose in moves_on for sent in self._entries if not sent.led_to_call)
        return self.waits_for_answer and not moved

    def _begin_connection(self, again: tuple[Sent, ...]) -> None:
        self.again = deque(again)
        self._user_speaks = False
        self._kept.clear()
        self._kept_bytes = 0
        self._count = 0
        self._media = self._media_heard = 0
        self._media_at_turn = None


_MEDIA = Sent(None, Purpose.MEDIA, 0, 0, 0)
"""Stands for every message with media that is only counted."""


def _without_media(*sent: Sent) -> tuple[Sent, ...]:
    return tuple(one for one in sent if one.purpose is not Purpose.MEDIA)


def _is_of_the_model(message: LiveServerMessage) -> bool:
    """Whether the model says or calls something; what the user was heard to say comes in any order."""
    if message.tool_call is not None:
        return True
    content = message.server_content
    return content is not None and (
        content.model_turn is not None
        or bool(content.output_transcription and content.output_transcription.text)
    )


def _is_heeded(sent: Sent, *, calling: bool) -> bool:
    """Whether it can be seen that an answer was had."""
    return sent.turns_left <= 1 or (sent.awaited and not calling)


def _activity_in(message: Any) -> bool | None:
    """Whether the user begins to speak with it, or ends; None for neither."""
    realtime = message.realtime_input if isinstance(message, LiveClientMessage) else None
    if realtime is None or (realtime.activity_start is None and realtime.activity_end is None):
        return None
    return realtime.activity_start is not None


def _answered(message: Any) -> list[str]:
    """The ids of the calls that a message answers for good."""
    if isinstance(message, LiveClientMessage) and message.tool_response is not None:
        responses: list[FunctionResponse] = message.tool_response.function_responses or []
        return [response.id for response in responses if response.id and not response.will_continue]
    return []  # send_raw is on its own: what came in it cannot be known for certain
