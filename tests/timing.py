"""Every deadline of the tests, scaled by one variable for slow machines."""

import os

SCALE = float(os.environ.get("GENAI_LIVE_TEST_TIME_SCALE", "1"))


def scaled(seconds: float) -> float:
    """The seconds of a deadline on this machine."""
    return seconds * SCALE


SOON = scaled(10)
"""Long enough for anything that is not waited for on purpose."""
