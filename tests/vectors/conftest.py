"""The recorder, one for all cases of a module."""

from collections.abc import Iterator

import pytest

from tests.vectors.recorder import Recorder


@pytest.fixture(scope="module")
def recorder() -> Iterator[Recorder]:
    """Listens on loopback, and writes down what comes."""
    with Recorder() as recorder:
        yield recorder
