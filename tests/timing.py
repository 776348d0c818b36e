"""Every deadline of the tests, scaled by one variable for slow machines."""

import os
import threading
import time
from collections.abc import Callable

SCALE = float(os.environ.get("GENAI_LIVE_TEST_TIME_SCALE", "1"))


def scaled(seconds: float) -> float:
    """The seconds of a deadline on this machine."""
    return seconds * SCALE


SOON = scaled(10)
"""Long enough for anything that is not waited for on purpose."""


def eventually(condition: Callable[[], object]) -> None:
    """Returns once the condition holds, for what tells nobody that it has changed; fails after SOON."""
    deadline = time.monotonic() + SOON
    pause = threading.Event()
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        pause.wait(0.001)
