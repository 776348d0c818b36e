"""Reads the WAV files that scenarios name. No threads, sockets or clock."""

from __future__ import annotations

import wave
from pathlib import Path

from genai_live.emulator.pcm import HIGHEST_RATE, LOWEST_RATE, OUTPUT_RATE, from_bytes, resample, to_bytes
from genai_live.errors import ConfigurationError

_WANTED = (
    "wanted is a WAV file of 16-bit mono PCM, as made by: ffmpeg -i FILE -ac 1 -c:a pcm_s16le answer.wav"
)


def read_wav(path: Path, where: str) -> bytes:
    """Read a WAV file of any rate.

    Args:
        path: The file.
        where: What names it, for errors.

    Returns:
        16-bit mono PCM at 24 kHz.

    Raises:
        ConfigurationError: It cannot be read, or is something else.
    """
    try:
        with path.open("rb") as file, wave.open(file) as sound:
            channels, bits, rate = sound.getnchannels(), sound.getsampwidth() * 8, sound.getframerate()
            data = sound.readframes(sound.getnframes())
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}", where=where) from error
    except (EOFError, wave.Error) as error:
        problem = str(error) or "it ends too early"
        raise ConfigurationError(f"{path} cannot be used: {problem}; {_WANTED}", where=where) from error
    if (channels, bits) != (1, 16):
        shown = f"{channels} channel{'s' if channels > 1 else ''} of {bits} bits"
        raise ConfigurationError(f"{path} has {shown}; {_WANTED}", where=where)
    if not LOWEST_RATE <= rate <= HIGHEST_RATE:
        raise ConfigurationError(f"{path} has {rate} samples a second; {_WANTED}", where=where)
    samples = from_bytes(data[: len(data) // 2 * 2])
    if not len(samples):
        raise ConfigurationError(f"{path} holds no sound; {_WANTED}", where=where)
    return to_bytes(resample(samples, rate, OUTPUT_RATE))
