"""Fixtures: emulators without pauses."""

from collections.abc import Iterator

import pytest

from genai_live.emulator import Emulator


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """An emulator that echoes."""
    with Emulator(time_scale=0) as emulator:
        yield emulator
