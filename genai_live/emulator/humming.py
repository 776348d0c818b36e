"""The emulator's own voice: it hums what it has to say. No threads, sockets or clock.

Each word is a few notes, one to the syllable, at the pace of ordinary speech. The same text always sounds the
same.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from zlib import crc32

import numpy as np

from genai_live.emulator.pcm import OUTPUT_RATE, Samples

WORDS_PER_MINUTE = 150
"""Of English conversation (National Center for Voice and Speech)."""

LETTERS_PER_SYLLABLE = 3
"""Roughly, in English: words of 4.7 letters have 1.5 syllables. It serves every alphabet."""

MOST_SYLLABLES = 10
"""In a word, so that what is no word, such as a key or an address, does not take minutes to say. Chosen."""

SYLLABLE_SECONDS = 0.22
WORD_PAUSE_SECONDS = 0.05
"""Chosen, so that prose with its commas and stops comes to ``WORDS_PER_MINUTE``."""

COMMA_PAUSE_SECONDS = 0.15
SENTENCE_PAUSE_SECONDS = 0.35
"""After such marks, in place of the pause between words. Chosen: too short to end an utterance, for which
the service waits 0.7 s (protocol notes, 3.3)."""

NOTES = (131.0, 147.0, 165.0, 196.0, 220.0, 262.0)
"""In hertz: a pentatonic scale, in which no step grates, over the range in which people speak."""

HARMONICS = (1.0, 0.5, 0.25, 0.125)
"""How strong each is: as rich as a voice, and mellow."""

PEAK = 8_000
"""Of the samples: a quarter of full scale, the level of a voice that is near."""

ATTACK_SECONDS = 0.02
RELEASE_SECONDS = 0.06
"""How softly a syllable begins and ends: too slowly for a click."""

_WORD = re.compile(r"\s*\S+(?:\s+\Z)?|\s+")
_COMMA = re.compile(r"[,;:\u2013\u2014\u3001\uff0c-][\W_]*\Z")
_SENTENCE_END = re.compile(r"[.!?\u2026\u3002\uff01\uff1f][\W_]*\Z")


def split_words(text: str) -> list[str]:
    """Split a text into words, each with the white space before it: joined, they are the text."""
    return _WORD.findall(text)


def speak_words(text: str) -> Iterator[tuple[str, Samples]]:
    """Say a text word by word.

    Args:
        text: Any text.

    Yields:
        Each word with the white space around it, and its sound at 24 kHz with the pause after it. The words
        make up the text exactly.
    """
    for word in split_words(text):
        yield word, np.concatenate(_say(word))


def _say(word: str) -> list[Samples]:
    # Letters, digits and symbols are spoken; marks that only punctuate are not.
    letters = sum(unicodedata.category(character)[0] in "LNS" for character in word)
    if not letters:
        return [_silence(_pause_after(word) if word.strip() else 0)]
    first = crc32(word.strip().casefold().encode("utf-8", "surrogatepass"))
    syllables = min(max(1, round(letters / LETTERS_PER_SYLLABLE)), MOST_SYLLABLES)
    # Downwards, as speech goes.
    notes = [NOTES[(first - i) % len(NOTES)] for i in range(syllables)]
    return [*map(_hum, notes), _silence(_pause_after(word))]


def _pause_after(word: str) -> float:
    if _SENTENCE_END.search(word):
        return SENTENCE_PAUSE_SECONDS
    return COMMA_PAUSE_SECONDS if _COMMA.search(word) else WORD_PAUSE_SECONDS


@cache
def _silence(seconds: float) -> Samples:
    return _fixed(np.zeros(round(seconds * OUTPUT_RATE), np.int16))


@cache
def _hum(note: float) -> Samples:
    """One syllable."""
    times = np.arange(round(SYLLABLE_SECONDS * OUTPUT_RATE)) / OUTPUT_RATE
    wave = np.zeros(len(times))
    for number, strength in enumerate(HARMONICS, start=1):
        wave += strength * np.sin(2 * np.pi * note * number * times)
    rise = np.clip(times / ATTACK_SECONDS, 0, 1)
    fall = np.clip((SYLLABLE_SECONDS - times) / RELEASE_SECONDS, 0, 1)
    wave *= np.sin(rise * np.pi / 2) ** 2 * np.sin(fall * np.pi / 2) ** 2
    return _fixed((wave / np.abs(wave).max() * PEAK).astype(np.int16))


def _fixed(samples: Samples) -> Samples:
    """Made once and shared, so not to be changed."""
    samples.flags.writeable = False
    return samples
