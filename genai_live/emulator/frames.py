"""What is said, as server messages: how each family of models puts words and sound on the wire.

The forms are those of the protocol notes, 2.5. No threads, sockets or clock.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from itertools import cycle
from typing import Any, NamedTuple

from genai_live.emulator import humming, pcm
from genai_live.emulator.answers import Say
from genai_live.emulator.profiles import Profile, Words

THOUGHT = "**Composing a Reply**\n\nI've taken in what was said, and am about to answer it in kind.\n\n\n"
"""A thought in the form of those that were recorded."""

EMPTY_FRAME_EVERY = 4
"""Frames of audio, then an empty one, where such are sent. Chosen: the notes say only "often"."""


class Frame(NamedTuple):
    """A server message of an answer.

    Attributes:
        message: The message.
        words: What it says.
        seconds: Of audio that are in it.
    """

    message: dict[str, Any]
    words: str = ""
    seconds: float = 0.0


def write(say: Say, profile: Profile) -> Iterator[Frame]:
    """Write a text, a word in each frame; as a transcription where the answer wants that."""
    for word in humming.split_words(say.text):
        if say.as_transcription:
            yield _transcribed(word)
        else:
            yield Frame(_content({"text": word}, profile), word)


def speak(say: Say, profile: Profile, *, transcribes: bool) -> Iterator[Frame]:
    """Say a text aloud.

    Args:
        say: What to say.
        profile: How the model speaks.
        transcribes: Whether the words come as well.
    """
    if profile.thinks:
        yield Frame(_content({"text": THOUGHT, "thought": True}, profile))
    if transcribes and profile.words is Words.BEFORE_AUDIO:
        yield Frame({"serverContent": {"outputTranscription": {}}})
        yield from map(_transcribed, humming.split_words(say.text))
        yield Frame({"serverContent": {"outputTranscription": {"finished": True}}})
        transcribes = False
    empty: Iterator[dict[str, Any]] = cycle(({}, {"serverContent": {}}))
    for number, (words, audio) in enumerate(_cut(_pieces(say), profile.frame_seconds), 1):
        said = words if transcribes else ""
        if said and (profile.words is Words.BETWEEN_AUDIO or not audio):
            yield from map(_transcribed, humming.split_words(said))
            said = ""
        if audio:
            data = base64.b64encode(audio).decode()
            message = _content({"inlineData": {"mimeType": profile.mime_type, "data": data}}, profile)
            if said:
                message["serverContent"]["outputTranscription"] = {"text": said}
            yield Frame(message, said, len(audio) / 2 / pcm.OUTPUT_RATE)
        if profile.empty_frames and number % EMPTY_FRAME_EVERY == 0:
            yield Frame(next(empty))


def hear(text: str, profile: Profile) -> Iterator[Frame]:
    """Write down what the user has said."""
    if profile.transcribes_only:
        # It grows while the user speaks (protocol notes, 3.7).
        known = ""
        for word in humming.split_words(text):
            known += word
            yield Frame({"serverContent": {"interimInputTranscription": {"text": known}}})
    for words in humming.split_words(text) if profile.hears_in_fragments else [text]:
        yield Frame({"serverContent": {"inputTranscription": {"text": words}}})


def _pieces(say: Say) -> Iterator[tuple[str, bytes]]:
    """The words, each with its sound."""
    if say.audio is None:
        for word, samples in humming.speak_words(say.text):
            yield word, pcm.to_bytes(samples)
        return
    words = humming.split_words(say.text) or [""]
    # When each word is said in a recording is not known: evenly is near enough.
    edges = [len(say.audio) // 2 * i // len(words) * 2 for i in range(len(words) + 1)]
    for i, word in enumerate(words):
        yield word, say.audio[edges[i] : edges[i + 1]]


def _cut(pieces: Iterable[tuple[str, bytes]], seconds: float) -> Iterator[tuple[str, bytes]]:
    """Cut the sound into frames of a length, each with the words that begin in it."""
    size = round(seconds * pcm.OUTPUT_RATE) * 2
    words, audio = "", b""
    for more_words, more_audio in pieces:
        words += more_words
        audio += more_audio
        while len(audio) >= size:
            yield words, audio[:size]
            words, audio = "", audio[size:]
    if words or audio:
        yield words, audio


def _content(part: dict[str, Any], profile: Profile) -> dict[str, Any]:
    turn: dict[str, Any] = {"parts": [part]}
    if profile.role:
        turn["role"] = "model"
    return {"serverContent": {"modelTurn": turn}}


def _transcribed(words: str) -> Frame:
    return Frame({"serverContent": {"outputTranscription": {"text": words}}}, words)
