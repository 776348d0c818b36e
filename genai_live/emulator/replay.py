"""The model of a recorded conversation: says again what the service said. No threads, sockets or clock."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import takewhile
from typing import Any

from genai_live.emulator.answers import Answer, SendMessage, Speech
from genai_live.emulator.cassette import Cassette, Exchange, Response, Written, is_of_vertex, read_sent
from genai_live.emulator.scripted import ScenarioMismatch

TOLERANCE_SECONDS = 0.01
"""How much audio may be missing. Chosen: sound that was converted to another rate is some samples shorter."""


class Replay:
    """Compares what a client writes with the recording, and waits for as much audio as was recorded.

    How the client cuts it into messages does not matter; nor does what its audio and video hold.
    """

    replays = True
    awaits_responses = False

    def __init__(self, cassette: Cassette) -> None:
        self._cassette = cassette
        self._following = iter(cassette.exchanges)
        self._exchange: Exchange | None = None
        self._unwritten: list[Written] = []
        self._audio_seconds = 0.0
        self._stream_has_ended = False
        self._turn_to_next()

    def begin(
        self,
        setup: Mapping[str, Any],
        *,
        resumed: bool = False,  # noqa: ARG002 - every connection plays it from its start
    ) -> list[Answer]:
        """Give what the service answered to the setup.

        Raises:
            ScenarioMismatch: The recording was made with the other service.
        """
        model = setup.get("model", "")
        if is_of_vertex(model) != self._cassette.vertex:
            service = "Vertex AI" if self._cassette.vertex else "the Gemini API"
            raise ScenarioMismatch(f"the recording was made with {service}; got the model {model!r}")
        return [_send(self._cassette.opening), *self._advance()]

    def reply(self, message: Mapping[str, Any]) -> list[Answer]:
        """Give what the service sent once the client had come this far.

        Raises:
            ScenarioMismatch: The client writes something else, or the recording has ended.
            Refusal: Its audio cannot be heard.
        """
        sent = read_sent(message)
        self._audio_seconds += sent.audio_seconds
        self._stream_has_ended = sent.ends_stream or (self._stream_has_ended and not sent.audio_seconds)
        answers = self._advance()
        for written in sent.written:
            self._take(written)
            answers += self._advance()
        return answers

    def hear(self, speech: Speech) -> list[Answer]:  # noqa: ARG002 - as every Responder
        """Say nothing: a recording does not tell when speech ended."""
        return []

    def _take(self, written: Written) -> None:
        if self._exchange is None:
            raise ScenarioMismatch(f"the recording has ended; got {written}")
        # Several calls may be answered in any order.
        responses = list(takewhile(lambda one: isinstance(one, Response), self._unwritten))
        expected = responses or self._unwritten[:1]
        for one in expected:
            if _is_same(one, written):
                self._unwritten.remove(one)
                return
        wanted = " or ".join(map(str, expected)) or "more audio, or its end"
        raise ScenarioMismatch(f"{self._exchange.where}: expected {wanted}; got {written}")

    def _advance(self) -> list[Answer]:
        answers = []
        while self._exchange and self._is_met(self._exchange):
            answers.append(_send(self._exchange.received))
            self._audio_seconds = max(self._audio_seconds, self._exchange.audio_seconds)
            # The client's signal stands for the end of one utterance, which one turn answers.
            self._stream_has_ended = self._stream_has_ended and not self._exchange.completes_turn
            self._turn_to_next()
        return answers

    def _is_met(self, exchange: Exchange) -> bool:
        if exchange.written:
            return not self._unwritten
        enough = self._audio_seconds + TOLERANCE_SECONDS >= exchange.audio_seconds
        return self._stream_has_ended or (enough and not exchange.ends_stream)

    def _turn_to_next(self) -> None:
        self._exchange = next(self._following, None)
        self._unwritten = list(self._exchange.written) if self._exchange else []


def _send(messages: tuple[Mapping[str, Any], ...]) -> Answer:
    return Answer(tuple(SendMessage(message=message) for message in messages), completes_turn=False)


def _is_same(expected: Written, written: Written) -> bool:
    if isinstance(expected, Response) and isinstance(written, Response) and not written.id:
        # Vertex AI needs no id.
        return expected.name == written.name
    return expected == written
