"""Reads scenarios: what a client is expected to say, and what the model then does.

The format is described in ``docs/scenarios.md``. Everything is checked here, so that a scenario that was read
can be played to its end. No threads, sockets or clock.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import os
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

from genai_live.emulator.answers import Action, Answer, Call, Close, Drop, Say, SendFrame, SendMessage
from genai_live.emulator.refusal import REASON_BYTES
from genai_live.errors import ConfigurationError

_NOT_SENT = frozenset({1004, 1005, 1006, 1015})
"""Close codes that no close frame may carry (RFC 6455, section 7.4.1)."""


@dataclass(frozen=True)
class Step:
    """One exchange.

    Attributes:
        where: Its path in the scenario, such as ``steps[0]``.
        expect: The text that the user is to send, or a part of the message that is to come. A text written
            ``/…/`` stands here as the compiled pattern.
        answers: What the model then does.
    """

    where: str
    expect: str | re.Pattern[str] | Mapping[str, Any]
    answers: list[Answer]


@dataclass(frozen=True)
class Scenario:
    """A conversation, played from its start in every connection.

    Attributes:
        setup: A part of the setup that is to come.
        opening: What the model does before it is spoken to.
        steps: The exchanges, in order.
    """

    setup: Mapping[str, Any]
    opening: list[Answer]
    steps: list[Step]


def load_scenario(source: str | os.PathLike[str] | Mapping[str, Any]) -> Scenario:
    """Read a scenario.

    Args:
        source: The path of a YAML or JSON file, or what such a file holds.

    Raises:
        ConfigurationError: It cannot be read, or breaks the format; says where.
    """
    if isinstance(source, Mapping):
        return _read_scenario(source, "")
    path = Path(source)
    try:
        text = path.read_text("utf-8")
        document = json.loads(text) if path.suffix == ".json" else yaml.safe_load(text)
    except OSError as error:
        raise ConfigurationError(f"cannot be read: {error.strerror}", where=str(path)) from error
    except (ValueError, yaml.YAMLError) as error:
        kind = "JSON" if path.suffix == ".json" else "YAML"
        raise ConfigurationError(f"is not {kind}: {error}", where=str(path)) from error
    return _read_scenario(document, f"{path}: ")


def _read_scenario(document: Any, source: str) -> Scenario:
    _check_keys(document, ("setup", "steps"), source.removesuffix(": ") or "script")
    setup = _read_object(document.get("setup", {}), f"{source}setup")
    if not isinstance(document.get("steps"), list):
        raise ConfigurationError("must be a list of steps", where=f"{source}steps")
    opening: list[Answer] = []
    steps: list[Step] = []
    for number, item in enumerate(document["steps"]):
        where = f"{source}steps[{number}]"
        _check_keys(item, ("expect", "answer", "complete", "usage"), where)
        if "expect" not in item and "answer" not in item:
            raise ConfigurationError("needs what to expect, or what to answer", where=where)
        if "expect" in item:
            expect = item["expect"]
            if not isinstance(expect, str):
                _read_object(expect, f"{where}.expect")
            steps.append(Step(f"steps[{number}]", _with_patterns(expect, f"{where}.expect"), []))
        if "answer" in item:
            answers = steps[-1].answers if steps else opening
            answers.append(_read_answer(item, where))
        elif item.keys() > {"expect"}:
            raise ConfigurationError("says how an answer ends, and gives no answer", where=where)
    return Scenario(_with_patterns(setup, f"{source}setup"), opening, steps)


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


def _read_answer(step: Mapping[str, Any], where: str) -> Answer:
    written = step["answer"]
    items = written if isinstance(written, list) else [written]
    actions = tuple(
        _read_action(item, f"{where}.answer[{i}]" if isinstance(written, list) else f"{where}.answer")
        for i, item in enumerate(items)
    )
    completes = step.get("complete", _completes_turn(actions))
    if not isinstance(completes, bool):
        raise ConfigurationError("must be true or false", where=f"{where}.complete")
    usage = _read_object(step["usage"], f"{where}.usage") if "usage" in step else None
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


def _read_action(item: Any, where: str) -> Action:
    if isinstance(item, str):
        return Say(text=item)
    _check_keys(item, ("after", *_ACTIONS), where)
    kinds = [key for key in item if key != "after"]
    if len(kinds) != 1:
        raise ConfigurationError(f"must be one of {', '.join(_ACTIONS)}", where=where)
    after = item.get("after", 0.0)
    if not _is_number(after) or not 0 <= after < math.inf:
        raise ConfigurationError("must be a number of seconds, 0 or more", where=f"{where}.after")
    (kind,) = kinds
    return _ACTIONS[kind](item[kind], f"{where}.{kind}", float(after))


def _read_text(value: Any, where: str, after: float) -> Action:
    return Say(text=_check_text(value, where), after=after)


def _read_output_transcription(value: Any, where: str, after: float) -> Action:
    return Say(text=_check_text(value, where), as_transcription=True, after=after)


def _read_input_transcription(value: Any, where: str, after: float) -> Action:
    transcription = {"inputTranscription": {"text": _check_text(value, where)}}
    return SendMessage(message={"serverContent": transcription}, after=after)


def _read_call(value: Any, where: str, after: float) -> Action:
    calls = value if isinstance(value, list) else [value]
    if not calls:
        raise ConfigurationError("must be a call, or a list of calls", where=where)
    for i, call in enumerate(calls):
        place = f"{where}[{i}]" if isinstance(value, list) else where
        _check_keys(call, ("name", "args", "id"), place)
        _check_text(call.get("name"), f"{place}.name")
        _read_object(call.get("args", {}), f"{place}.args")
        _check_text(call.get("id", ""), f"{place}.id")
    return Call(calls=tuple(calls), after=after)


def _read_message(value: Any, where: str, after: float) -> Action:
    return SendMessage(message=_read_object(value, where), after=after)


def _read_go_away(value: Any, where: str, after: float) -> Action:
    if not _is_number(value) or not 0 <= value < math.inf:
        raise ConfigurationError("must be the number of seconds that are left", where=where)
    return SendMessage(message={"goAway": {"timeLeft": f"{value:g}s"}}, after=after)


def _read_close(value: Any, where: str, after: float) -> Action:
    _check_keys(value, ("code", "reason"), where)
    code = value.get("code")
    if not isinstance(code, int) or not 1000 <= code <= 4999 or code in _NOT_SENT:
        raise ConfigurationError(
            "must be a code that a close frame may carry, such as 1000 or 1011", where=f"{where}.code"
        )
    reason = _check_text(value.get("reason", ""), f"{where}.reason")
    if len(reason.encode()) > REASON_BYTES:
        raise ConfigurationError(f"must be {REASON_BYTES} bytes or less", where=f"{where}.reason")
    return Close(code=code, reason=reason, after=after)


def _read_drop(value: Any, where: str, after: float) -> Action:
    if value is not True:
        raise ConfigurationError("must be true", where=where)
    return Drop(after=after)


def _read_frame(value: Any, where: str, after: float) -> Action:
    _check_keys(value, ("text", "base64"), where)
    if len(value) != 1:
        raise ConfigurationError("must be text for a text frame, or base64 for a binary one", where=where)
    if "text" in value:
        return SendFrame(payload=_check_text(value["text"], f"{where}.text"), after=after)
    text = _check_text(value["base64"], f"{where}.base64")
    try:
        return SendFrame(payload=base64.b64decode(text, validate=True), after=after)
    except (binascii.Error, ValueError) as error:
        raise ConfigurationError("is not base64", where=f"{where}.base64") from error


_ACTIONS: Mapping[str, Callable[[Any, str, float], Action]] = {
    "text": _read_text,
    "outputTranscription": _read_output_transcription,
    "inputTranscription": _read_input_transcription,
    "call": _read_call,
    "message": _read_message,
    "goAway": _read_go_away,
    "close": _read_close,
    "drop": _read_drop,
    "frame": _read_frame,
}


def _check_keys(value: Any, allowed: Collection[str], where: str) -> None:
    if not isinstance(value, Mapping):
        raise ConfigurationError(f"must be a mapping with {', '.join(allowed)}", where=where)
    for key in value:
        if key not in allowed:
            nearest = get_close_matches(str(key), allowed, n=1)
            hint = f"did you mean {nearest[0]!r}?" if nearest else f"there are {', '.join(allowed)}"
            raise ConfigurationError(f"{key!r} is not known here; {hint}", where=where)


def _check_text(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise ConfigurationError("must be a text; in YAML, put it in quotes", where=where)
    return value


def _read_object(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ConfigurationError("must be a mapping", where=where)
    _check_json(value, where)
    return value


def _check_json(value: Any, where: str) -> None:
    if isinstance(value, Mapping):
        for key, item in value.items():
            if not isinstance(key, str):
                raise ConfigurationError(f"the key {key!r} must be a text; put it in quotes", where=where)
            _check_json(item, f"{where}.{key}")
    elif isinstance(value, list):
        for i, item in enumerate(value):
            _check_json(item, f"{where}[{i}]")
    elif not (value is None or isinstance(value, str | bool) or (_is_number(value) and math.isfinite(value))):
        raise ConfigurationError(f"{value!r} cannot be said in JSON", where=where)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
