"""The model that follows a scenario. No threads, sockets or clock."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from genai_live.emulator.answers import Answer, Speech
from genai_live.emulator.echo import last_user_text
from genai_live.emulator.scenario import Scenario, Spoken, Step
from genai_live.errors import LiveError

_SHOWN = 200
"""Characters of an unexpected message that are shown."""


class ScenarioMismatch(LiveError, AssertionError):
    """A client did not do what the scenario or recording expected."""


class Scripted:
    """Compares each message with the scenario's next step, and answers as that step says.

    Messages that ask for no answer (media, activity, content that is not complete, context updates) are
    passed over, unless the step expects a message of that kind.
    """

    replays = False
    awaits_responses = False

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._done = 0

    def begin(self, setup: Mapping[str, Any], *, resumed: bool = False) -> list[Answer]:
        """Give the scenario's opening, unless the session is resumed: then its next step is awaited.

        Raises:
            ScenarioMismatch: The setup is not the expected one.
        """
        if difference := _find_difference(self._scenario.setup, setup, "setup"):
            raise ScenarioMismatch(difference)
        return [] if resumed else self._scenario.opening

    def reply(self, message: Mapping[str, Any]) -> list[Answer]:
        """Give the next step's answers, if the message is the one that it expects.

        Raises:
            ScenarioMismatch: It is another one, or the scenario has ended.
        """
        step = self._next_step
        if _asks_for_answer(message) or (step and _expects_kind(step, message)):
            return self._take(step, message, _show(message))
        return []

    def hear(self, speech: Speech) -> list[Answer]:
        """Give the next step's answers, if it expects speech.

        While the step expects a message with realtime input, speech is passed over: its audio is compared,
        message by message.

        Raises:
            ScenarioMismatch: It expects something else, or the scenario has ended.
        """
        step = self._next_step
        if step and _expects_kind(step, {"realtimeInput": {}}):
            return []
        return self._take(step, None, f"{speech.seconds:.1f} s of speech")

    @property
    def _next_step(self) -> Step | None:
        return self._scenario.steps[self._done] if self._done < len(self._scenario.steps) else None

    def _take(self, step: Step | None, message: Mapping[str, Any] | None, shown: str) -> list[Answer]:
        if step is None:
            raise ScenarioMismatch(f"the scenario has ended; got {shown}")
        if difference := _find_mismatch(step, message):
            raise ScenarioMismatch(f"{step.where}: {difference}; got {shown}")
        self._done += 1
        return step.answers


def _asks_for_answer(message: Mapping[str, Any]) -> bool:
    return (
        "toolResponse" in message
        or "text" in message.get("realtimeInput", {})
        or bool(message.get("clientContent", {}).get("turnComplete"))
    )


def _expects_kind(step: Step, message: Mapping[str, Any]) -> bool:
    return isinstance(step.expect, Mapping) and not step.expect.keys().isdisjoint(message)


def _user_text(message: Mapping[str, Any]) -> str | None:
    if "clientContent" in message:
        return last_user_text(message["clientContent"].get("turns", ()))
    text: str | None = message.get("realtimeInput", {}).get("text")
    return text


def _find_mismatch(step: Step, message: Mapping[str, Any] | None) -> str | None:
    """Say where a message, or speech if it is None, is not what the step expects; None if it is."""
    if isinstance(step.expect, Spoken):
        return None if message is None else "expected speech"
    if isinstance(step.expect, Mapping):
        return _find_difference(step.expect, message or {}, "")
    return _find_difference(step.expect, message and _user_text(message), "the user's text")


def _find_difference(expected: Any, actual: Any, path: str) -> str | None:
    """Say where the actual value lacks something of the expected one; None if it lacks nothing."""
    if isinstance(expected, Mapping) and isinstance(actual, Mapping):
        pairs = [(item, actual.get(key), f"{path}.{key}" if path else key) for key, item in expected.items()]
    elif isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        pairs = [(item, actual[i], f"{path}[{i}]") for i, item in enumerate(expected)]
    elif isinstance(expected, re.Pattern) and isinstance(actual, str):
        return None if expected.search(actual) else f"expected {path} to match /{expected.pattern}/"
    elif expected == actual and isinstance(expected, bool) == isinstance(actual, bool):
        return None
    else:
        return f"expected {path} to be {_show(expected)}"
    return next(filter(None, (_find_difference(*pair) for pair in pairs)), None)


def _show(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=lambda pattern: f"/{pattern.pattern}/")
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
