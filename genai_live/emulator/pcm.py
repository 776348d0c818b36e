"""Raw audio: 16-bit mono PCM, little-endian. No threads, sockets or clock."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any, TypeAlias

import numpy as np
import soxr  # type: ignore[import-untyped]
from numpy.typing import NDArray

from genai_live.emulator.refusal import INVALID_ARGUMENT, Refusal

Samples: TypeAlias = NDArray[np.int16]

OUTPUT_RATE = 24_000
"""Samples per second of what the model says (https://ai.google.dev/gemini-api/docs/live-api/capabilities)."""

INPUT_RATE = 16_000
"""Samples per second of what the user says, where the MIME type names no rate (same page)."""

LOWEST_RATE = 1_000
HIGHEST_RATE = 192_000
"""What counts as a rate at all. Chosen: telephones use 8,000, studios 192,000. The service's bounds are not
known."""

_PCM = re.compile(r"audio/pcm\s*(?:;|\Z)", re.IGNORECASE)
_RATE = re.compile(r";\s*rate\s*=\s*\"?([^;\s\"]*)", re.IGNORECASE)
_WIRE = np.dtype("<i2")


@dataclass(frozen=True, eq=False)
class Audio:
    """A piece of sound.

    Attributes:
        samples: 16-bit samples of one channel.
        rate: Samples per second.
    """

    samples: Samples
    rate: int

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return len(self.samples) / self.rate


def read_audio(blob: Mapping[str, Any]) -> Audio:
    """Read a chunk of realtime audio.

    Args:
        blob: The chunk in normal form: ``mimeType`` and, in base64, ``data``. The type is ``audio/pcm`` in
            any case, with a ``rate`` if it is not 16,000; other parameters are ignored.

    Returns:
        The chunk; without samples if it has no data.

    Raises:
        Refusal: It is not PCM, which the service refuses (protocol notes, 3.6), its rate is none, or it ends
            within a sample. What the service makes of half a sample is not known; taken for silence, it
            would hide that all that follows is noise.
    """
    mime_type = blob.get("mimeType", "").strip()
    if not _PCM.match(mime_type):
        raise Refusal(1007, INVALID_ARGUMENT)
    rate = _read_rate(mime_type)
    data = base64.b64decode(blob.get("data", ""))
    if len(data) % _WIRE.itemsize:
        raise Refusal(1007, INVALID_ARGUMENT)
    return Audio(from_bytes(data), rate)


def from_bytes(data: bytes) -> Samples:
    """The samples in little-endian bytes. Raises ValueError where the bytes end within a sample."""
    return np.frombuffer(data, _WIRE).astype(np.int16, copy=False)


def to_bytes(samples: Samples) -> bytes:
    """The samples as little-endian bytes."""
    return samples.astype(_WIRE, copy=False).tobytes()


def resample(samples: Samples, from_rate: int, to_rate: int) -> Samples:
    """Convert a whole sound from one rate to another: same length in seconds, to a sample.

    Chunks of one sound are to be joined first, as each call treats its samples as all there is.
    """
    if from_rate == to_rate:
        return samples
    resampled: Samples = soxr.resample(samples, from_rate, to_rate)
    return resampled


def join(pieces: Sequence[Audio]) -> Audio:
    """Join pieces into one sound, at the rate of the last one; silence without length, if there are none."""
    rate = pieces[-1].rate if pieces else INPUT_RATE
    stretches = [
        resample(np.concatenate([piece.samples for piece in stretch]), stretch_rate, rate)
        for stretch_rate, stretch in groupby(pieces, attrgetter("rate"))
    ]
    return Audio(np.concatenate(stretches) if stretches else np.zeros(0, np.int16), rate)


def _read_rate(mime_type: str) -> int:
    found = _RATE.search(mime_type)
    if found is None:
        return INPUT_RATE
    if not re.fullmatch("[0-9]{1,6}", found[1]) or not LOWEST_RATE <= int(found[1]) <= HIGHEST_RATE:
        raise Refusal(1007, INVALID_ARGUMENT)
    return int(found[1])
