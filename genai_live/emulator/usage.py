"""Counts tokens: plausibly, and the same each time. No threads, sockets or clock."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

CHARACTERS_PER_TOKEN = 4
"""Of text (https://ai.google.dev/gemini-api/docs/tokens)."""

AUDIO_TOKENS_PER_SECOND = 25
"""Both ways, as measured with the Live API (protocol notes, 2.5)."""

FRAME_TOKENS = {"MEDIA_RESOLUTION_LOW": 64}
"""Of a video frame or image, by ``mediaResolution`` (protocol notes, 3.6)."""

FRAME_TOKENS_DEFAULT = 256

_RATE = re.compile(r"rate=(\d+)")


class UsageMeter:
    """Counts what one session has taken in and given out.

    The report is per turn, and bills the whole history again each time, as the service does (protocol
    notes, 2.5).
    """

    def __init__(self, setup: Mapping[str, Any]) -> None:
        self._frame_tokens = _frame_tokens(setup)
        self._prompt: Counter[str] = Counter()
        self._audio_seconds = 0.0
        self._answer: Counter[str] = Counter()
        self._spoken_seconds = 0.0
        self.count_content(setup.get("systemInstruction", {}))

    def go_on(self, setup: Mapping[str, Any]) -> None:
        """Go on in another connection: a turn that was under way is over."""
        self._frame_tokens = _frame_tokens(setup)
        self.end_turn(candidates=False)

    def count_content(self, content: Mapping[str, Any]) -> None:
        """Count a Content that the client sent."""
        for part in content.get("parts", ()):
            self._prompt["TEXT"] += _text_tokens(part.get("text", ""))
            if blob := part.get("inlineData"):
                self.count_media(blob)

    def count_media(self, blob: Mapping[str, Any], *, frames_are: str = "IMAGE") -> None:
        """Count a chunk of 16-bit mono PCM, or an image, which in a video stream is a frame of ``VIDEO``."""
        kind, _, _ = blob.get("mimeType", "").partition("/")
        if kind == "audio":
            rate = _RATE.search(blob["mimeType"])
            data_bytes = len(blob.get("data", "").rstrip("=")) * 3 // 4
            self._audio_seconds += data_bytes / 2 / (int(rate[1]) if rate and int(rate[1]) else 16_000)
        elif kind == "image":
            self._prompt[frames_are] += self._frame_tokens

    def count_text(self, text: str) -> None:
        """Count other text that the client sent."""
        self._prompt["TEXT"] += _text_tokens(text)

    def count_answer(self, text: str, seconds: float) -> None:
        """Count a piece of what the model says in this turn: what it writes, and seconds of speech."""
        self._answer["TEXT"] += _text_tokens(text)
        self._spoken_seconds += seconds

    def end_turn(self, *, candidates: bool) -> dict[str, Any]:
        """End the turn: what was said becomes part of the next prompt.

        Args:
            candidates: Whether to report under the names of Vertex AI.

        Returns:
            The turn's ``usageMetadata``.
        """
        prompt = self._prompt.copy()
        prompt["AUDIO"] += _audio_tokens(self._audio_seconds)
        response = self._answer.copy()
        response["AUDIO"] += _audio_tokens(self._spoken_seconds)
        self._prompt["TEXT"] += response["TEXT"]
        self._audio_seconds += self._spoken_seconds
        self._answer.clear()
        self._spoken_seconds = 0.0
        answer = "candidates" if candidates else "response"
        usage: dict[str, Any] = {
            "promptTokenCount": prompt.total(),
            f"{answer}TokenCount": response.total(),
            "totalTokenCount": prompt.total() + response.total(),
            "promptTokensDetails": _details(prompt),
            f"{answer}TokensDetails": _details(response),
        }
        if candidates:
            usage["trafficType"] = "ON_DEMAND"
        return usage


def _frame_tokens(setup: Mapping[str, Any]) -> int:
    resolution = setup.get("generationConfig", {}).get("mediaResolution")
    return FRAME_TOKENS.get(resolution, FRAME_TOKENS_DEFAULT)


def _details(counts: Counter[str]) -> list[dict[str, Any]]:
    return [{"modality": modality, "tokenCount": count} for modality, count in counts.items() if count]


def _audio_tokens(seconds: float) -> int:
    # Rounded first: tenths of a second do not add up exactly.
    return math.ceil(round(seconds * AUDIO_TOKENS_PER_SECOND, 6))


def _text_tokens(text: str) -> int:
    return math.ceil(len(text) / CHARACTERS_PER_TOKEN)
