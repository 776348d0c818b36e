"""Reads recordings: what a client sent and received in a real conversation, in order.

What is taken from them is told in ``docs/scenarios.md``. Everything is checked here, so that a recording that
was read can be replayed to its end. No threads, sockets or clock.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby, zip_longest
from typing import Any, TypeAlias

from genai_live.emulator.checking import check_keys, check_object, check_text
from genai_live.emulator.endpoints import Endpoint
from genai_live.emulator.pcm import read_audio
from genai_live.emulator.refusal import Refusal
from genai_live.emulator.validation import read_client_message
from genai_live.errors import ConfigurationError

_BEGINNING = [("sent", "setup"), ("received", "setupComplete")]

_Messages: TypeAlias = Mapping[int, Mapping[str, Any]]


@dataclass(frozen=True)
class Turn:
    """A turn that the client adds to the conversation, without what is not text."""

    role: str
    text: str

    def __str__(self) -> str:
        return f"{self.text!r} as {self.role}"


@dataclass(frozen=True)
class TurnComplete:
    """Has the model answer."""

    def __str__(self) -> str:
        return "turnComplete"


@dataclass(frozen=True)
class Response:
    """The response to a function call, without what the function gave.

    Attributes:
        name: The function's name.
        id: The call's; empty where the client gives none.
    """

    name: str
    id: str

    def __str__(self) -> str:
        return f"the response of {self.name} to call {self.id}" if self.id else f"the response of {self.name}"


Written: TypeAlias = Turn | TurnComplete | Response
"""What a client says in writing."""


@dataclass(frozen=True)
class Sent:
    """What counts of a message that a client sends.

    Attributes:
        written: What it says in writing, in order.
        audio_seconds: How much audio it holds.
        ends_stream: Whether it says that the user's activity, or the stream of audio, has ended.
    """

    written: tuple[Written, ...]
    audio_seconds: float
    ends_stream: bool


@dataclass(frozen=True)
class Exchange:
    """What the client sent in one go, and what the service sent before the client sent more.

    Attributes:
        where: The place of the first message in the recording, such as ``interactions[2]``.
        written: What the client said in writing, in order.
        audio_seconds: How much audio it had sent by the end of it, since the session began.
        ends_stream: Whether it said that its activity, or its stream of audio, had ended.
        received: What the service sent.
    """

    where: str
    written: tuple[Written, ...]
    audio_seconds: float
    ends_stream: bool
    received: tuple[Mapping[str, Any], ...]

    @property
    def completes_turn(self) -> bool:
        """Whether the service completed a turn."""
        contents = [message.get("serverContent") or {} for message in self.received]
        return any(content.get("turnComplete") for content in contents)


@dataclass(frozen=True)
class Cassette:
    """A recorded conversation, replayed from its start in every connection.

    Attributes:
        vertex: Whether it was held with Vertex AI, going by the form of the model's name.
        opening: What the service sent in answer to the setup.
        exchanges: What followed.
    """

    vertex: bool
    opening: tuple[Mapping[str, Any], ...]
    exchanges: list[Exchange]


def read_cassette(document: Any, source: str) -> Cassette:
    """Read a recording.

    Args:
        document: What its file holds.
        source: What stands before a place in an error: the file's name, or nothing.

    Raises:
        ConfigurationError: It breaks the format, or is not the recording of one session; says where.
    """
    check_keys(document, ("version", "interactions"), source.removesuffix(": ") or "script")
    if document.get("version") != 1:
        raise ConfigurationError("must be 1", where=f"{source}version")
    interactions = document["interactions"]
    if not isinstance(interactions, list):
        raise ConfigurationError("must be a list of messages", where=f"{source}interactions")
    for number, item in enumerate(interactions):
        _check_interaction(item, f"{source}interactions[{number}]")
    if [(item["direction"], *item["data"]) for item in interactions[:2]] != _BEGINNING:
        raise ConfigurationError(
            "must begin with the setup, and the setupComplete that came", where=f"{source}interactions"
        )
    setup = check_object(interactions[0]["data"]["setup"], f"{source}interactions[0].data.setup")
    vertex = is_of_vertex(check_text(setup.get("model"), f"{source}interactions[0].data.setup.model"))
    endpoint = Endpoint("vertex" if vertex else "gemini", "v1")
    (_, opening), *runs = _split(interactions)
    return Cassette(vertex, tuple(opening.values()), _read_exchanges(runs, endpoint, source))


def is_of_vertex(model: str) -> bool:
    """Tell by the form of a model's name whether Vertex AI is meant, or else the Gemini API."""
    return "/models/" in model


def read_sent(message: Mapping[str, Any]) -> Sent:
    """Read a message of a client, in normal form.

    Raises:
        Refusal: Its audio cannot be heard.
    """
    realtime = message.get("realtimeInput", {})
    blobs = (*realtime.get("mediaChunks", ()), realtime.get("audio", {}))
    return Sent(
        tuple(_find_written(message)),
        sum(read_audio(blob).seconds for blob in blobs if blob.get("mimeType", "").startswith("audio/")),
        "activityEnd" in realtime or bool(realtime.get("audioStreamEnd")),
    )


def _find_written(message: Mapping[str, Any]) -> Iterator[Written]:
    content = message.get("clientContent", {})
    realtime = message.get("realtimeInput", {})
    for turn in content.get("turns", ()):
        text = "".join(part.get("text", "") for part in turn.get("parts", ()))
        yield Turn(turn.get("role") or "user", text)
    if "text" in realtime:
        yield Turn("user", realtime["text"])
    if content.get("turnComplete") or "text" in realtime:
        yield TurnComplete()
    for response in message.get("toolResponse", {}).get("functionResponses", ()):
        yield Response(response.get("name", ""), response.get("id", ""))


def _check_interaction(item: Any, where: str) -> None:
    check_keys(item, ("kind", "direction", "data"), where)
    if item.get("kind") != "message":
        raise ConfigurationError("must be 'message': nothing else can be replayed", where=f"{where}.kind")
    if item.get("direction") not in ("sent", "received"):
        raise ConfigurationError("must be 'sent' or 'received'", where=f"{where}.direction")
    check_object(item.get("data"), f"{where}.data")


def _split(interactions: list[Mapping[str, Any]]) -> list[tuple[_Messages, _Messages]]:
    """Split a recording into what was sent in one go, and what was then received, by number."""
    stretches = [
        {number: item["data"] for number, item in stretch}
        for _, stretch in groupby(enumerate(interactions), lambda pair: pair[1]["direction"])
    ]
    return list(zip_longest(stretches[::2], stretches[1::2], fillvalue={}))


def _read_exchanges(
    runs: list[tuple[_Messages, _Messages]], endpoint: Endpoint, source: str
) -> list[Exchange]:
    exchanges = []
    seconds = 0.0
    for messages, received in runs:
        run = [
            _read_recorded(data, endpoint, f"{source}interactions[{number}].data")
            for number, data in messages.items()
        ]
        written = tuple(one for sent in run for one in sent.written)
        seconds += sum(sent.audio_seconds for sent in run)
        if written or received:
            ended = any(sent.ends_stream for sent in run)
            where = f"interactions[{min(messages)}]"
            exchanges.append(Exchange(where, written, seconds, ended, tuple(received.values())))
    return exchanges


def _read_recorded(data: Mapping[str, Any], endpoint: Endpoint, where: str) -> Sent:
    try:
        message = read_client_message(data, endpoint)
        sent = read_sent(message)
    except Refusal as refusal:
        reason = f"is nothing that the service takes: {refusal.reason}"
        raise ConfigurationError(reason, where=where) from refusal
    if "setup" in message:
        raise ConfigurationError("is the setup of a second session; a recording has one", where=where)
    return sent
