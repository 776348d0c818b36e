"""The real conversations in tests/recordings, and how a test holds them again."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import yaml


@dataclass(frozen=True)
class Recording:
    """One recorded conversation.

    Attributes:
        path: Its file.
        setup: What the recorded client sent first.
        opening: What came in answer to that.
        exchanges: What was sent in one go after that, and what then came.
    """

    path: Path
    setup: Mapping[str, Any]
    opening: list[dict[str, Any]]
    exchanges: list[tuple[list[dict[str, Any]], list[dict[str, Any]]]]

    @property
    def vertex(self) -> bool:
        """Whether the conversation was held with Vertex AI."""
        return self.setup["model"].startswith("publishers/")

    @property
    def received(self) -> list[dict[str, Any]]:
        """Everything that came after the opening."""
        return [message for _, received in self.exchanges for message in received]


def load_recording(name: str) -> Recording:
    """Read a recording by the name of its file, without the suffix."""
    path = Path(__file__).parent / "recordings" / f"{name}.yaml"
    interactions = yaml.safe_load(path.read_text("utf-8"))["interactions"]
    runs = [
        [item["data"] for item in run] for _, run in groupby(interactions, lambda item: item["direction"])
    ]
    ([first], opening), *exchanges = zip(runs[::2], runs[1::2], strict=True)
    return Recording(path, first["setup"], opening, exchanges)


RECORDINGS = sorted(path.stem for path in (Path(__file__).parent / "recordings").glob("*.yaml"))
"""The names of all recordings."""
