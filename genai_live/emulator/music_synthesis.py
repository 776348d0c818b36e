"""The emulator's music: beats of melody, bass and drums. No threads, sockets or clock.

It is no music to listen to. It is made so that a test, or an ear, can tell what was asked for: the tempo by
the drums, the key by bass and melody, brightness by the overtones, density by the notes in a beat. The same
style always sounds the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from genai_live.emulator.pcm import Samples

RATE = 48_000
CHANNELS = 2
"""The format of Lyria RealTime, with 16-bit samples (protocol notes, 6)."""

BEATS_PER_TUNE = 16
"""A tune begins anew after so many. Chosen."""

MOST_NOTES_PER_BEAT = 4
MOST_OVERTONES = 7
"""At a density and a brightness of 1. Chosen, to be told apart with ease."""

MELODY = 0.35
BASS = 0.3
DRUMS = 0.25
PEAK = 16_000
"""How loud each is, of half of full scale. Chosen, so that together they are never cut off."""

_C4 = 261.63
"""Hertz. The melody lies above it, the bass two octaves below."""

_STEPS = (0, 2, 4, 7, 9, 12)
"""The melody's, in semitones above the key: a pentatonic scale, in which no step grates."""

_ATTACK_SECONDS = 0.005
_DRUM_SECONDS = 0.08

_CYCLE_LENGTH = 16_384
"""So many that the steps between them cannot be heard."""

_Wave = NDArray[np.float64]


@dataclass(frozen=True)
class Style:
    """How a beat sounds.

    Attributes:
        bpm: Beats a minute.
        key: Semitones above C.
        brightness: From 0, hardly an overtone, to 1.
        density: From 0, one note in a beat, to 1.
        melody: Whether there is one.
        bass: Likewise.
        drums: Likewise.
        tune: Which tune; any number.
    """

    bpm: int = 120
    key: int = 0
    brightness: float = 0.5
    density: float = 0.5
    melody: bool = True
    bass: bool = True
    drums: bool = True
    tune: int = 0


class Band:
    """Plays a tune from its beginning, in pieces of any length that join without a seam."""

    def __init__(self) -> None:
        self._beat = 0
        self._rest = np.zeros((0, CHANNELS), np.int16)

    def play(self, style: Style, length: int) -> Samples:
        """Play on.

        Args:
            style: How; a beat that has begun is played to its end as it began.
            length: Samples of each channel.

        Returns:
            The sound: a row for each moment, with left and right in it.
        """
        sound = self._rest
        while len(sound) < length:
            beat = render_beat(style, self._beat % BEATS_PER_TUNE)
            sound = np.concatenate([sound, beat])
            self._beat += 1
        self._rest = sound[length:]
        return sound[:length]


@lru_cache(maxsize=BEATS_PER_TUNE)
def render_beat(style: Style, number: int) -> Samples:
    """One beat of a tune, that begins and ends in silence."""
    length = round(RATE * 60 / style.bpm)
    sound = np.zeros((length, CHANNELS))
    if style.drums:
        sound += DRUMS * _drum(length)[:, np.newaxis]
    if style.bass:
        fifth = 7 if number % 4 == 3 else 0
        sound += BASS * _note(_pitch(style.key + fifth - 24), length, 0.0)[:, np.newaxis]
    if style.melody:
        sound += MELODY * _melody(style, number, length)
    return (sound * PEAK).astype(np.int16)


def _melody(style: Style, number: int, length: int) -> _Wave:
    notes = 1 + round(style.density * (MOST_NOTES_PER_BEAT - 1))
    sound = np.zeros((length, CHANNELS))
    for i in range(notes):
        begin, end = length * i // notes, length * (i + 1) // notes
        step = _STEPS[crc32(f"{style.tune} {number} {i}".encode()) % len(_STEPS)]
        note = _note(_pitch(style.key + step), end - begin, style.brightness)
        # From side to side.
        left = 0.7 if i % 2 == 0 else 0.3
        sound[begin:end] = np.outer(note, (left, 1 - left))
    return sound


def _pitch(semitones: float) -> float:
    return float(_C4 * 2 ** (semitones / 12))


def _note(hertz: float, length: int, brightness: float) -> _Wave:
    moments = np.arange(length)
    cycle = _cycle(brightness)
    wave = cycle[(moments * (hertz * len(cycle) / RATE)).astype(np.intp) % len(cycle)]
    rise = np.minimum(moments / (_ATTACK_SECONDS * RATE), 1)
    faded: _Wave = wave * rise * (1 - moments / length)
    return faded


@lru_cache(maxsize=8)
def _cycle(brightness: float) -> _Wave:
    """One oscillation, as a table: a sine for every moment would hold the emulator up."""
    times = np.arange(_CYCLE_LENGTH) / _CYCLE_LENGTH
    strengths = (0.9 * brightness) ** np.arange(1 + MOST_OVERTONES)
    waves = [strength * np.sin(2 * np.pi * number * times) for number, strength in enumerate(strengths, 1)]
    cycle: _Wave = np.sum(waves, axis=0) / strengths.sum()
    return cycle


@lru_cache(maxsize=8)
def _drum(length: int) -> _Wave:
    """A snare: noise that dies away."""
    wave = np.zeros(length)
    struck = round(_DRUM_SECONDS * RATE)
    fall = np.linspace(1, 0, struck) ** 2
    wave[:struck] = np.random.default_rng(1).uniform(-1, 1, struck) * fall
    return wave
