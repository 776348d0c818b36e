"""Sounds to test with, as 16-bit samples."""

import numpy as np


def tone(seconds, *, rate=16_000, hertz=200, amplitude=8_000):
    """A hum, in the middle of the range of voices."""
    times = np.arange(round(seconds * rate)) / rate
    return (amplitude * np.sin(2 * np.pi * hertz * times)).astype(np.int16)


def syllables(seconds, *, rate=16_000, amplitude=8_000):
    """A voice: a hum with overtones that swells four times a second, as speech does, down to nothing."""
    times = np.arange(round(seconds * rate)) / rate
    wave = sum(np.sin(2 * np.pi * 130 * n * times) / n for n in range(1, 9))
    swell = np.sin(np.pi * 4 * times) ** 2
    return (amplitude * swell * wave / np.abs(wave).max()).astype(np.int16)


def noise(seconds, *, rate=16_000, amplitude=8_000):
    """White noise, the same each time."""
    samples = np.random.default_rng(1).integers(-amplitude, amplitude, round(seconds * rate), endpoint=True)
    return samples.astype(np.int16)


def silence(seconds, *, rate=16_000):
    """Nothing."""
    return np.zeros(round(seconds * rate), np.int16)
