"""Whether a request is tried again, and after how long. No threads or sockets; asks the clock about dates."""

from __future__ import annotations

import random
import re
from datetime import datetime, timezone

_ATTEMPTS = 4
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 60.0
"""Who is asked to wait longer is better told so."""


def next_pause(attempt: int, status: int, retry_after: str | None) -> float | None:
    """Seconds to wait before another attempt; None where there is to be none.

    Args:
        attempt: How many there have been.
        status: The HTTP status of the last one.
        retry_after: Its header of that name, or None: seconds or a date (RFC 9110, 10.2.3).
    """
    passing = status == 429 or status >= 500
    if not passing or attempt >= _ATTEMPTS:
        return None
    longest = _FIRST_PAUSE * 2.0 ** (attempt - 1)
    # Not all clients at once.
    pause = random.uniform(longest / 2, longest)  # noqa: S311
    asked = seconds_to_wait(retry_after) if retry_after else None
    if asked is not None:
        pause = asked
    return pause if pause <= _LONGEST_PAUSE else None


def seconds_to_wait(retry_after: str) -> float | None:
    """What the header asks for, in seconds: a number or a date (RFC 9110, 10.2.3); None if it is neither."""
    if re.fullmatch(r"[0-9]+", retry_after):
        return float(retry_after)
    from email.utils import parsedate_to_datetime  # noqa: PLC0415 - takes long to import, and is rarely needed

    try:
        date = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    # One without a zone is taken as GMT, which is all that the header may say.
    date = date if date.tzinfo else date.replace(tzinfo=timezone.utc)
    return max(0.0, (date - datetime.now(timezone.utc)).total_seconds())
