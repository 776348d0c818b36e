"""Reads scenarios: what a client is expected to say, and what the model then does.

The format is described in ``docs/scenarios.md``. Everything is checked here, so that a scenario that was read
can be played to its end. No threads, sockets or clock.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from genai_live.emulator.answers import (
    Action,
    Answer,
    Call,
    Cancel,
    Close,
    Drop,
    GiveHandle,
    Hear,
    Say,
    SendFrame,
    SendMessage,
    go_away,
)
from genai_live.emulator.checking import check_keys, check_object, check_text, is_number
from genai_live.emulator.refusal import REASON_BYTES
from genai_live.emulator.wav import read_wav
from genai_live.errors import ConfigurationError

_NOT_SENT = frozenset({1004, 1005, 1006, 1015})
"""Close codes that no close frame may carry (RFC 6455, section 7.4.1)."""


@dataclass(frozen=True)
class Spoken:
    """Expects that the user says something aloud, whatever it is."""


@dataclass(frozen=True)
class Step:
    """One exchange.

    Attributes:
        where: Its path in the scenario, such as ``steps[0]``.
        expect: The text that the user is to send, a part of the message that is to come, or speech. A text
            written ``/…/`` stands here as the compiled pattern.
        answers: What the model then does.
    """

    where: str
    expect: str | re.Pattern[str] | Mapping[str, Any] | Spoken
    answers: list[Answer]


@dataclass(frozen=True)
class Scenario:
    """A conversation, played from its start in every session.

    Attributes:
        setup: A part of the setup that is to come.
        opening: What the model does before it is spoken to.
        steps: The exchanges, in order.
    """

    setup: Mapping[str, Any]
    opening: list[Answer]
    steps: list[Step]


def read_scenario(document: Any, source: str, folder: Path) -> Scenario:
    """Read a scenario.

    Args:
        document: What its file holds.
        source: What stands before a place in an error: the file's name, or nothing.
        folder: Where the files are that it names.

    Raises:
        ConfigurationError: It breaks the format; says where.
    """
    check_keys(document, ("setup", "steps"), source.removesuffix(": ") or "script")
    setup = check_object(document.get("setup", {}), f"{source}setup")
    if not isinstance(document.get("steps"), list):
        raise ConfigurationError("must be a list of steps", where=f"{source}steps")
    opening: list[Answer] = []
    steps: list[Step] = []
    for number, item in enumerate(document["steps"]):
        where = f"{source}steps[{number}]"
        check_keys(item, ("expect", "answer", "complete", "usage"), where)
        if "expect" not in item and "answer" not in item:
            raise ConfigurationError("needs what to expect, or what to answer", where=where)
        if "expect" in item:
            steps.append(_read_expectation(item["expect"], f"steps[{number}]", source))
        if "answer" in item:
            answers = steps[-1].answers if steps else opening
            answers.append(_read_answer(item, where, folder))
        elif item.keys() > {"expect"}:
            raise ConfigurationError("says how an answer ends, and gives no answer", where=where)
    return Scenario(_with_patterns(setup, f"{source}setup"), opening, steps)


def _read_expectation(expect: Any, step: str, source: str) -> Step:
    where = f"{source}{step}.expect"
    if isinstance(expect, Mapping) and "speech" in expect:
        check_keys(expect, ("speech",), where)
        said = expect["speech"]
        if said is not True and (not isinstance(said, str) or not said):
            raise ConfigurationError("must be true, or the words that are said", where=f"{where}.speech")
        # The emulator does not recognise speech: what was said is what the scenario says.
        heard = [] if said is True else [Answer((Hear(text=said),), completes_turn=False)]
        return Step(step, Spoken(), heard)
    if not isinstance(expect, str):
        check_object(expect, where)
    return Step(step, _with_patterns(expect, where), [])


def _with_patterns(value: Any, where: str) -> Any:
    """Compile every text that is written ``/…/``."""
    if isinstance(value, Mapping):
        return {key: _with_patterns(item, f"{where}.{key}") for key, item in value.items()}
    if isinstance(value, list):
        return [_with_patterns(item, f"{where}[{i}]") for i, item in enumerate(value)]
    if not isinstance(value, str) or len(value) < 3 or not value[0] == value[-1] == "/":
        return value
    try:
        return re.compile(value[1:-1])
    except re.error as error:
        raise ConfigurationError(f"is no regular expression: {error}", where=where) from error


def _read_answer(step: Mapping[str, Any], where: str, folder: Path) -> Answer:
    written = step["answer"]
    items = written if isinstance(written, list) else [written]
    actions = tuple(
        _read_action(item, f"{where}.answer[{i}]" if isinstance(written, list) else f"{where}.answer", folder)
        for i, item in enumerate(items)
    )
    completes = step.get("complete", _completes_turn(actions))
    if not isinstance(completes, bool):
        raise ConfigurationError("must be true or false", where=f"{where}.complete")
    usage = check_object(step["usage"], f"{where}.usage") if "usage" in step else None
    if usage is not None and not completes:
        raise ConfigurationError(
            "comes when the turn is complete, and this turn is not", where=f"{where}.usage"
        )
    return Answer(actions, completes, usage)


def _completes_turn(actions: tuple[Action, ...]) -> bool:
    """Tell whether the model has spoken and waits for nothing: a call's answer comes in a later step."""
    if any(isinstance(action, Close | Drop) for action in actions):
        return False
    spoken = [isinstance(action, Say) for action in actions if isinstance(action, Say | Call)]
    return bool(spoken) and spoken[-1]


def _read_action(item: Any, where: str, folder: Path) -> Action:
    if isinstance(item, str):
        return Say(text=item)
    check_keys(item, ("after", *_KINDS), where)
    kinds = [key for key in item if key != "after"]
    if len(kinds) != 1:
        raise ConfigurationError(f"must be one of {', '.join(_KINDS)}", where=where)
    after = item.get("after", 0.0)
    if not is_number(after) or not 0 <= after < math.inf:
        raise ConfigurationError("must be a number of seconds, 0 or more", where=f"{where}.after")
    (kind,) = kinds
    if kind == "speech":
        return _read_speech(item[kind], f"{where}.{kind}", float(after), folder)
    return _ACTIONS[kind](item[kind], f"{where}.{kind}", float(after))


def _read_text(value: Any, where: str, after: float) -> Action:
    return Say(text=check_text(value, where), after=after)


def _read_output_transcription(value: Any, where: str, after: float) -> Action:
    return Say(text=check_text(value, where), as_transcription=True, after=after)


def _read_speech(value: Any, where: str, after: float, folder: Path) -> Action:
    check_keys(value, ("audio", "text"), where)
    text = check_text(value.get("text", ""), f"{where}.text")
    file = check_text(value.get("audio"), f"{where}.audio")
    return Say(text=text, audio=read_wav(folder / file, f"{where}.audio"), after=after)


def _read_input_transcription(value: Any, where: str, after: float) -> Action:
    transcription = {"inputTranscription": {"text": check_text(value, where)}}
    return SendMessage(message={"serverContent": transcription}, after=after)


def _read_call(value: Any, where: str, after: float) -> Action:
    calls = value if isinstance(value, list) else [value]
    if not calls:
        raise ConfigurationError("must be a call, or a list of calls", where=where)
    for i, call in enumerate(calls):
        place = f"{where}[{i}]" if isinstance(value, list) else where
        check_keys(call, ("name", "args", "id"), place)
        check_text(call.get("name"), f"{place}.name")
        check_object(call.get("args", {}), f"{place}.args")
        check_text(call.get("id", ""), f"{place}.id")
    return Call(calls=tuple(calls), after=after)


def _read_cancel(value: Any, where: str, after: float) -> Action:
    if not isinstance(value, list) or not value:
        raise ConfigurationError("must be a list of the ids of calls", where=where)
    return Cancel(ids=tuple(check_text(item, f"{where}[{i}]") for i, item in enumerate(value)), after=after)


def _read_message(value: Any, where: str, after: float) -> Action:
    return SendMessage(message=check_object(value, where), after=after)


def _read_go_away(value: Any, where: str, after: float) -> Action:
    if not is_number(value) or not 0 <= value < math.inf:
        raise ConfigurationError("must be the number of seconds that are left", where=where)
    return SendMessage(message=go_away(value), after=after)


def _read_handle(value: Any, where: str, after: float) -> Action:
    check_keys(value, ("resumable",), where)
    if not isinstance(value.get("resumable"), bool):
        raise ConfigurationError("must be true or false", where=f"{where}.resumable")
    return GiveHandle(resumable=value["resumable"], after=after)


def _read_close(value: Any, where: str, after: float) -> Action:
    check_keys(value, ("code", "reason"), where)
    code = value.get("code")
    if not isinstance(code, int) or not 1000 <= code <= 4999 or code in _NOT_SENT:
        raise ConfigurationError(
            "must be a code that a close frame may carry, such as 1000 or 1011", where=f"{where}.code"
        )
    reason = check_text(value.get("reason", ""), f"{where}.reason")
    if len(reason.encode()) > REASON_BYTES:
        raise ConfigurationError(f"must be {REASON_BYTES} bytes or less", where=f"{where}.reason")
    return Close(code=code, reason=reason, after=after)


def _read_drop(value: Any, where: str, after: float) -> Action:
    if value is not True:
        raise ConfigurationError("must be true", where=where)
    return Drop(after=after)


def _read_frame(value: Any, where: str, after: float) -> Action:
    check_keys(value, ("text", "base64"), where)
    if len(value) != 1:
        raise ConfigurationError("must be text for a text frame, or base64 for a binary one", where=where)
    if "text" in value:
        return SendFrame(payload=check_text(value["text"], f"{where}.text"), after=after)
    text = check_text(value["base64"], f"{where}.base64")
    try:
        return SendFrame(payload=base64.b64decode(text, validate=True), after=after)
    except (binascii.Error, ValueError) as error:
        raise ConfigurationError("is not base64", where=f"{where}.base64") from error


_ACTIONS: Mapping[str, Callable[[Any, str, float], Action]] = {
    "text": _read_text,
    "outputTranscription": _read_output_transcription,
    "inputTranscription": _read_input_transcription,
    "call": _read_call,
    "cancel": _read_cancel,
    "message": _read_message,
    "goAway": _read_go_away,
    "handle": _read_handle,
    "close": _read_close,
    "drop": _read_drop,
    "frame": _read_frame,
}

_KINDS = (*_ACTIONS, "speech")
"""Speech is read apart from the others, as it names a file."""
