"""The model that says back what it was told. No threads, sockets or clock."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from genai_live.emulator.acceptance import declared_functions
from genai_live.emulator.answers import Answer, Call, Say, Speech
from genai_live.emulator.call_text import read_calls

GREETING = "Hello."
"""What the model says when it is to speak and nobody has said anything."""


class Echo:
    """Says back the text of the last user turn, exactly; and what functions have answered.

    Where the text is nothing but calls of declared functions, it makes them instead.
    """

    replays = False
    awaits_responses = True

    def __init__(self) -> None:
        self._last_user_turn = GREETING
        self._declared: frozenset[str] = frozenset()

    def begin(
        self,
        setup: Mapping[str, Any],
        *,
        resumed: bool = False,  # noqa: ARG002 - as every Responder
    ) -> list[Answer]:
        """Say nothing: the client speaks first."""
        self._declared = _declared_in(setup)
        return []

    def reply(self, message: Mapping[str, Any]) -> list[Answer]:
        """Say back the last user turn if the message completes one, or the responses of functions."""
        if (tools := message.get("contextUpdate", {}).get("tools")) is not None:
            self._declared = _declared_in(tools)
        if content := message.get("clientContent"):
            turn = last_user_text(content.get("turns", ()))
            if turn is not None:
                self._last_user_turn = turn
            return [self._echo()] if content.get("turnComplete") else []
        if "text" in message.get("realtimeInput", {}):
            self._last_user_turn = message["realtimeInput"]["text"]
            return [self._echo()]
        if responses := message.get("toolResponse", {}).get("functionResponses"):
            return [_say("\n".join(_describe_response(response) for response in responses))]
        return []

    def hear(self, speech: Speech) -> list[Answer]:
        """Say it back, in the same voice."""
        return [Answer((Say(audio=speech.audio),), completes_turn=True)]

    def _echo(self) -> Answer:
        if calls := read_calls(self._last_user_turn, self._declared):
            return Answer((Call(calls=calls),), completes_turn=False)
        return _say(self._last_user_turn)


def last_user_text(turns: Sequence[Mapping[str, Any]]) -> str | None:
    """Join the text of the last turn that is not the model's; None if there is no such turn."""
    for turn in reversed(turns):
        if turn.get("role") != "model":
            return "".join(part.get("text", "") for part in turn.get("parts", ()))
    return None


def _declared_in(declaring: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(function.get("name", "") for function in declared_functions(declaring))


def _say(text: str) -> Answer:
    return Answer((Say(text=text),), completes_turn=True)


def _describe_response(response: Mapping[str, Any]) -> str:
    content = json.dumps(response.get("response", {}), ensure_ascii=False)
    return f"{response.get('name') or 'The function'} answered {content}."
