"""Recordings: the WAV file that is sent, and the one that the answer is saved to.

A recording is opened by the main thread and read by the one that sends it; all else runs in the main thread.
"""

from __future__ import annotations

import io
import os
import re
import shlex
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import click

from genai_live.cli.sound_file import SoundFile
from genai_live.types import Blob

CHUNKS_PER_SECOND = 10

ANSWER_RATE = 24_000
"""Samples a second where the answer's type names no rate (ai.google.dev, Live API guide, audio formats)."""

_ENCODINGS = {
    "2": "ADPCM",
    "3": "floating point",
    "6": "A-law",
    "7": "μ-law",
    "17": "ADPCM",
    "85": "MP3",
    "65534": "the extensible format",
}
"""What may be in a WAV file besides PCM (RFC 2361). Python reads the extensible format from 3.12 on."""

_OTHER_FILES = {
    "an MP3 file": re.compile(rb"ID3|\xff[\xf2\xf3\xfb]"),
    "an M4A file": re.compile(rb"....ftyp", re.DOTALL),
    "an Ogg file": re.compile(rb"OggS"),
    "a FLAC file": re.compile(rb"fLaC"),
    "a WebM file": re.compile(rb"\x1aE\xdf\xa3"),
    "empty": re.compile(rb"\Z"),
}
"""By their first bytes."""

_RATE = re.compile(r";\s*rate=([1-9]\d*)", re.IGNORECASE)


def sample_rate(blob: Blob) -> int:
    """How many samples a second a piece of the answer has."""
    match = _RATE.search(blob.mime_type or "")
    return int(match[1]) if match else ANSWER_RATE


@contextmanager
def open_recording(path: Path) -> Iterator[Recording]:
    """Open a WAV file that is to be sent.

    Raises:
        ClickException: It cannot be read, or sent; says what is wanted, and how to get it.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise click.ClickException(f"{path} cannot be read: {error.strerror}") from error
    with file:
        first = file.peek(8)
        try:
            recording = Recording(path.name, file if file.seekable() else io.BytesIO(file.read()))
        # The last one is how the wave module takes a length that leads past the end.
        except (wave.Error, EOFError, RuntimeError) as error:
            raise _unsuitable(path, _describe(first, error)) from error
        if fault := recording.find_fault():
            raise _unsuitable(path, fault)
        yield recording


class Recording:
    """A WAV file. It can be sent as it is, if it is 16-bit mono PCM, at any rate.

    Args:
        name: Its name, without the folder.
        file: The file, from its start.

    Attributes:
        name: The same.
        rate: Samples a second.
        seconds: How long it is.
        mime_type: What its chunks are to be sent as.

    Raises:
        wave.Error, EOFError, RuntimeError: It is no WAV file, or one that Python cannot read.
    """

    def __init__(self, name: str, file: BinaryIO) -> None:
        self.name = name
        self._wave = wave.Wave_read(file)
        self._samples = self._count_samples(file)
        self.rate = self._wave.getframerate()
        if not self.rate:
            raise wave.Error("no samples a second")
        self.seconds = self._samples / self.rate
        self.mime_type = f"audio/pcm;rate={self.rate}"

    def _count_samples(self, file: BinaryIO) -> int:
        # A program that could not go back to the header has written any number there.
        start = file.tell()
        there = file.seek(0, os.SEEK_END) - start
        file.seek(start)
        return min(self._wave.getnframes(), there // 2)

    def find_fault(self) -> str | None:
        """Tell what else it is, if it cannot be sent."""
        channels, bits = self._wave.getnchannels(), self._wave.getsampwidth() * 8
        if (channels, bits) != (1, 16):
            shown = {1: "mono", 2: "stereo"}.get(channels, f"with {channels} channels")
            return f"{bits}-bit {shown}"
        return None if self._samples else "without sound"

    def chunks(self) -> Iterator[bytes]:
        """Its sound, 100 ms at a time."""
        size = max(1, self.rate // CHUNKS_PER_SECOND)
        for start in range(0, self._samples, size):
            yield self._wave.readframes(min(size, self._samples - start))


def _describe(first: bytes, error: Exception) -> str:
    """Tell what a file is that cannot be read, from its first bytes."""
    for other, beginning in _OTHER_FILES.items():
        if beginning.match(first):
            return other
    if not first.startswith(b"RIFF"):
        return "not a WAV file"
    if str(error).startswith("unknown"):
        code = str(error).rpartition(" ")[2]
        return f"a WAV file in {_ENCODINGS.get(code, 'another encoding')}"
    return f"a damaged WAV file ({str(error) or 'it breaks off'})"


def _unsuitable(path: Path, found: str) -> click.ClickException:
    converted = path.with_suffix(".wav")
    if converted == path:
        converted = path.with_name(f"{path.stem}-mono.wav")
    source, target = shlex.quote(str(path)), shlex.quote(str(converted))
    return click.ClickException(
        f"{path} is {found}; wanted is a WAV file of 16-bit mono PCM, as made by:"
        f" ffmpeg -i {source} -ac 1 -ar 16000 -c:a pcm_s16le {target}"
    )


class AnswerFile(SoundFile):
    """The file that the answers' speech is saved to, in mono."""

    def add(self, blob: Blob) -> None:
        """Save a piece of speech after those before it.

        Raises:
            ClickException: It cannot be written, or not in the same file as what came before.
        """
        mime_type = blob.mime_type or ""
        if mime_type.partition(";")[0].strip().lower() != "audio/pcm":
            raise click.ClickException(f"the answer came as {mime_type}, and only audio/pcm can be saved")
        self.write(blob.data or b"", sample_rate(blob))
