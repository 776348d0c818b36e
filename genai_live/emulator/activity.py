"""The emulator's ears: when the user speaks, and what is said.

The detector judges by two old measures: energy tells sound from silence, and zero crossings tell a voice from
noise (L. R. Rabiner and M. R. Sambur, "An algorithm for determining the endpoints of isolated utterances",
1975). That is enough for recordings and tones; it is no match for a noisy room.

No threads, sockets or clock: audio tells its own time.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from genai_live.emulator.pcm import INPUT_RATE, Audio, join

Sensitivity: TypeAlias = Literal["HIGH", "LOW"]

FRAME_MS = 20
"""What is judged at once. The offsets that services have reported (8.720s, 282.780s) are multiples of it."""

START_SPEECH_MS = 120
"""``prefixPaddingMs`` where it is not set. Chosen: with chunks of 100 ms and the way to the service, a start
is then reported after 139 to 261 ms, as measured (protocol notes, 3.3)."""

END_SILENCE_MS: Mapping[Sensitivity, int] = {"HIGH": 700, "LOW": 1_000}
"""``silenceDurationMs`` where it is not set, by the sensitivity to the end. HIGH is measured (protocol notes,
3.3); LOW, which ends speech less often, is chosen."""

LEVELS: Mapping[Sensitivity, float] = {"HIGH": 150.0, "LOW": 400.0}
"""The root mean square of 16-bit samples from which sound may be speech, by the sensitivity to the start.
Chosen: a quiet room has 30 to 100, a quiet voice 300, a near one above 1,000."""

GOING_ON = 0.5
"""How much of that level is enough once speech has started, lest it flutter. Chosen: 6 dB less."""

VOICE_CROSSINGS = 3_000
"""More zero crossings a second than this are noise. Voiced sounds have 1,400 in the mean, hissing ones 4,900
(L. R. Rabiner and R. W. Schafer, "Digital Processing of Speech Signals", 1978, 4.3), and white noise half as
many as samples. The service ignores white noise, even as loud as a voice (protocol notes, 3.3)."""

GAP_MS = 100
"""The longest break in speech before its start is committed: a consonant's closure. Chosen."""

CLICK_MS = 40
"""A sound no longer than this does not end a pause: a click may touch two frames. Chosen."""

MARGIN_MS = 100
"""What is kept before the first frame with a voice and after the last, for soft consonants. Chosen."""

LONGEST_SPEECH_MS = 15 * 60 * 1_000
"""Longer speech is ended, which bounds memory: a session with audio lasts no longer (protocol notes, 3.5)."""

_SENSITIVITIES: Mapping[Any, Sensitivity] = {
    "START_SENSITIVITY_HIGH": "HIGH",
    "START_SENSITIVITY_LOW": "LOW",
    "END_SENSITIVITY_HIGH": "HIGH",
    "END_SENSITIVITY_LOW": "LOW",
    # Enums come by number, too.
    1: "HIGH",
    2: "LOW",
}


@dataclass(frozen=True)
class ActivityStart:
    """The user has started to speak.

    Attributes:
        offset: Seconds of audio that had been heard in the session when that was decided.
    """

    offset: float


@dataclass(frozen=True, eq=False)
class ActivityEnd:
    """The user has finished.

    Attributes:
        offset: Seconds of audio that had been heard in the session when that was decided.
        speech: What was said, at the rate at which it came (where that changed, at the last one).
    """

    offset: float
    speech: Audio


ActivityEvent: TypeAlias = ActivityStart | ActivityEnd


class Activity(ABC):
    """When the user is active in one session. Signals that do not belong to its kind change nothing."""

    @abstractmethod
    def hear(self, audio: Audio) -> list[ActivityEvent]:
        """Take in the next chunk of audio, of any length."""

    def end_stream(self) -> list[ActivityEvent]:
        """Take in audioStreamEnd: what was said is complete. Audio may come again."""
        return []

    def start(self) -> list[ActivityEvent]:
        """Take in activityStart."""
        return []

    def end(self) -> list[ActivityEvent]:
        """Take in activityEnd."""
        return []


def make_detector(
    detection: Mapping[str, Any], *, sensitivity: Sensitivity, clock: AudioClock | None = None
) -> Activity:
    """What a session listens with.

    Args:
        detection: ``automaticActivityDetection`` of the setup, in normal form.
        sensitivity: Where the setup leaves it open: HIGH on the Gemini API, LOW on Vertex AI.
        clock: The session's, if it has heard something in a connection before.
    """
    if detection.get("disabled"):
        return ManualActivity(clock)
    return ActivityDetector(detection, sensitivity=sensitivity, clock=clock)


class ManualActivity(Activity):
    """The client tells when the user is active; what it sends at other times does not count.

    Args:
        clock: Is told of the audio; None for a new one.
    """

    def __init__(self, clock: AudioClock | None = None) -> None:
        self._clock = clock or AudioClock()
        self._started_at: float | None = None
        self._speech: list[Audio] = []

    def hear(self, audio: Audio) -> list[ActivityEvent]:
        """Keep a chunk, if the user is active."""
        self._clock.advance(audio)
        if self._started_at is None:
            return []
        self._speech.append(audio)
        return self.end() if (self._clock.seconds - self._started_at) * 1000 >= LONGEST_SPEECH_MS else []

    def start(self) -> list[ActivityEvent]:
        """Begin to keep what comes, unless the user is active already."""
        if self._started_at is not None:
            return []
        self._started_at = self._clock.seconds
        return [ActivityStart(self._started_at)]

    def end(self) -> list[ActivityEvent]:
        """Tell what was said, if the user was active."""
        if self._started_at is None:
            return []
        speech, self._speech, self._started_at = self._speech, [], None
        return [ActivityEnd(self._clock.seconds, join(speech))]


class ActivityDetector(Activity):
    """Finds out when the user speaks. How a recording is cut into chunks makes no difference.

    Args:
        detection: ``automaticActivityDetection`` of the setup, in normal form. ``prefixPaddingMs`` of speech
            are needed for a start, ``silenceDurationMs`` of silence for an end (protocol notes, 3.3).
        sensitivity: Where the setup leaves it open: HIGH on the Gemini API, LOW on Vertex AI (same place).
        clock: Is told of the audio; None for a new one.
    """

    def __init__(
        self, detection: Mapping[str, Any], *, sensitivity: Sensitivity, clock: AudioClock | None = None
    ) -> None:
        to_start = _SENSITIVITIES.get(detection.get("startOfSpeechSensitivity"), sensitivity)
        to_end = _SENSITIVITIES.get(detection.get("endOfSpeechSensitivity"), sensitivity)
        self._level = LEVELS[to_start]
        self._speech_needed = _frames_in(detection.get("prefixPaddingMs", START_SPEECH_MS))
        self._silence_needed = _frames_in(detection.get("silenceDurationMs", END_SILENCE_MS[to_end]))
        self._clock = clock or AudioClock()
        self._rest = Audio(np.zeros(0, np.int16), INPUT_RATE)
        self._is_active = False
        # Of the utterance, or of what may become one, with the margin before it.
        self._kept: list[Audio] = []
        self._voiced = 0  # frames with a voice since the onset
        self._silent = 0  # frames without one since the last
        self._burst = 0  # frames with one, without a break

    def hear(self, audio: Audio) -> list[ActivityEvent]:
        """Take in the next chunk, and tell what it decides."""
        events = self._judge_rest() if audio.rate != self._rest.rate else []
        samples = np.concatenate([self._rest.samples, audio.samples])
        length = round(audio.rate * FRAME_MS / 1000)
        whole = len(samples) // length * length
        self._rest = Audio(samples[whole:].copy(), audio.rate)
        return events + self._judge(samples[:whole].reshape(-1, length), audio.rate)

    def end_stream(self) -> list[ActivityEvent]:
        """End an utterance without waiting for silence."""
        events = self._judge_rest()
        if self._is_active:
            events.append(self._end())
        self._forget()
        return events

    def _judge_rest(self) -> list[ActivityEvent]:
        """Take what is left of a stream, or at one rate, for a frame."""
        rest, self._rest = self._rest, Audio(self._rest.samples[:0], self._rest.rate)
        return self._judge(rest.samples.reshape(1, -1), rest.rate) if len(rest.samples) else []

    def _judge(self, frames: NDArray[np.int16], rate: int) -> list[ActivityEvent]:
        events: list[ActivityEvent] = []
        for samples, level in zip(frames, _voice_levels(frames, rate).tolist(), strict=True):
            frame = Audio(samples.copy(), rate)
            self._clock.advance(frame)
            self._kept.append(frame)
            if self._is_active:
                events += self._await_end(level >= self._level * GOING_ON)
            else:
                events += self._await_start(level >= self._level)
        return events

    def _await_start(self, has_voice: bool) -> list[ActivityEvent]:
        if has_voice:
            self._voiced, self._silent = self._voiced + 1, 0
        else:
            self._silent += 1
            if not self._voiced or self._silent > _frames_in(GAP_MS):
                self._forget()
        if self._voiced < self._speech_needed:
            return []
        self._is_active, self._burst = True, self._voiced
        return [ActivityStart(self._clock.seconds)]

    def _await_end(self, has_voice: bool) -> list[ActivityEvent]:
        self._burst = self._burst + 1 if has_voice else 0
        self._silent = 0 if self._burst > _frames_in(CLICK_MS) else self._silent + 1
        is_over = self._silent >= self._silence_needed or len(self._kept) >= _frames_in(LONGEST_SPEECH_MS)
        return [self._end()] if is_over else []

    def _end(self) -> ActivityEnd:
        silence_kept = min(self._silent, _frames_in(MARGIN_MS))
        speech = join(self._kept[: len(self._kept) - self._silent + silence_kept])
        self._is_active = False
        self._forget()
        return ActivityEnd(self._clock.seconds, speech)

    def _forget(self) -> None:
        """Wait for an onset; of what was heard, no more than the margin before it is needed."""
        del self._kept[: -_frames_in(MARGIN_MS)]
        self._voiced = self._silent = self._burst = 0


class AudioClock:
    """Tells the time by the audio that has passed, which sums up exactly while the rate stays the same."""

    def __init__(self) -> None:
        self._before = 0.0
        self._samples = 0
        self._rate = INPUT_RATE

    @property
    def seconds(self) -> float:
        """How much has passed."""
        return self._before + self._samples / self._rate

    def advance(self, audio: Audio) -> None:
        """Let a chunk pass."""
        if audio.rate != self._rate:
            self._before, self._samples, self._rate = self.seconds, 0, audio.rate
        self._samples += len(audio.samples)


def _voice_levels(frames: NDArray[np.int16], rate: int) -> NDArray[np.float32]:
    """The root mean square of each frame with a voice; 0 for noise. A constant offset is no sound."""
    swings = frames - frames.mean(axis=1, keepdims=True, dtype=np.float32)
    levels = np.sqrt(np.mean(swings**2, axis=1))
    crossings = np.count_nonzero(np.diff(swings > 0, axis=1), axis=1) * rate / frames.shape[1]
    return np.where(crossings <= VOICE_CROSSINGS, levels, np.float32(0))


def _frames_in(milliseconds: int) -> int:
    return max(1, ceil(min(milliseconds, LONGEST_SPEECH_MS) / FRAME_MS))
