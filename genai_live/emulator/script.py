"""Reads what ``Emulator(script=…)`` takes: a scenario or a recording. No threads, sockets or clock."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

from genai_live.emulator.cassette import read_cassette
from genai_live.emulator.replay import Replay
from genai_live.emulator.scenario import read_scenario
from genai_live.emulator.scripted import Scripted
from genai_live.errors import ConfigurationError


def load_script(source: str | os.PathLike[str] | Mapping[str, Any]) -> Callable[[], Scripted | Replay]:
    """Read a scenario, or a recording: it has ``interactions``.

    Args:
        source: The path of a YAML or JSON file, or what such a file holds.

    Returns:
        Makes the model for a new connection.

    Raises:
        ConfigurationError: It cannot be read, or breaks the format; says where.
    """
    if isinstance(source, Mapping):
        return _read(source, "", Path())
    path = Path(source)
    try:
        text = path.read_text("utf-8")
        document = json.loads(text) if path.suffix == ".json" else yaml.safe_load(text)
    except OSError as error:
        raise ConfigurationError(f"cannot be read: {error.strerror}", where=str(path)) from error
    except (ValueError, yaml.YAMLError) as error:
        kind = "JSON" if path.suffix == ".json" else "YAML"
        raise ConfigurationError(f"is not {kind}: {error}", where=str(path)) from error
    return _read(document, f"{path}: ", path.parent)


def _read(document: Any, source: str, folder: Path) -> Callable[[], Scripted | Replay]:
    if isinstance(document, Mapping) and "interactions" in document:
        cassette = read_cassette(document, source)
        return lambda: Replay(cassette)
    scenario = read_scenario(document, source, folder)
    return lambda: Scripted(scenario)
