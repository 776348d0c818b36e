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
        resolution = setup.get("generationConfig", {}).get("mediaResolution")
        self._frame_tokens = FRAME_TOKENS.get(resolution, FRAME_TOKENS_DEFAULT)
        self._prompt: Counter[str] = Counter()
        self._audio_seconds = 0.0
        self._response = 0
        self.count_content(setup.get("systemInstruction", {}))

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

    def count_answer(self, text: str) -> None:
        """Count a piece of what the model says in this turn."""
        self._response += _text_tokens(text)

    def end_turn(self, *, vertex: bool) -> dict[str, Any]:
        """End the turn: what was said becomes part of the next prompt.

        Args:
            vertex: Whether to report under the names of Vertex AI.

        Returns:
            The turn's ``usageMetadata``.
        """
        prompt = self._prompt.copy()
        prompt["AUDIO"] += math.ceil(self._audio_seconds * AUDIO_TOKENS_PER_SECOND)
        response, self._response = self._response, 0
        self._prompt["TEXT"] += response
        answer = "candidates" if vertex else "response"
        usage: dict[str, Any] = {
            "promptTokenCount": prompt.total(),
            f"{answer}TokenCount": response,
            "totalTokenCount": prompt.total() + response,
            "promptTokensDetails": [
                {"modality": modality, "tokenCount": count} for modality, count in prompt.items() if count
            ],
            f"{answer}TokensDetails": [{"modality": "TEXT", "tokenCount": response}] if response else [],
        }
        if vertex:
            usage["trafficType"] = "ON_DEMAND"
        return usage


def _text_tokens(text: str) -> int:
    return math.ceil(len(text) / CHARACTERS_PER_TOKEN)
