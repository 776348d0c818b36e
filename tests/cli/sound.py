"""Sounds for the tests: what a detector of speech takes for speech, and silence; 16-bit mono PCM."""

import array
import math
import wave


def speech(seconds, rate=16_000):
    """A tone of 200 Hz."""
    count = round(seconds * rate)
    return array.array(
        "h", (round(8000 * math.sin(math.tau * 200 * i / rate)) for i in range(count))
    ).tobytes()


def silence(seconds, rate=16_000):
    """Nothing to hear."""
    return bytes(round(seconds * rate) * 2)


def write_wav(path, sound, *, rate=16_000, channels=1, sample_bytes=2):
    """Write a WAV file, and return its path."""
    with wave.open(str(path), "wb") as file:
        file.setparams((channels, sample_bytes, rate, 0, "NONE", ""))
        file.writeframes(sound)
    return path


def read_wav(path):
    """The rate and the sound of a WAV file, which must be 16-bit mono."""
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getsampwidth()) == (1, 2)
        return file.getframerate(), file.readframes(file.getnframes())
