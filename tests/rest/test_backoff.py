"""Whether a request is tried again, and when."""

from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

import pytest

from genai_live.rest.backoff import next_pause


@pytest.mark.parametrize(("attempt", "longest"), [(1, 0.5), (2, 1.0), (3, 2.0)])
def test_pauses_grow_and_differ(attempt, longest):
    """Each is between the half and the whole of twice the one before, by chance."""
    pauses = {next_pause(attempt, 503, None) for _ in range(100)}
    assert longest / 2 <= min(pauses) < max(pauses) <= longest
    assert len(pauses) > 1


def test_there_are_four_attempts():
    """After them the service is believed."""
    assert next_pause(4, 503, None) is None
    assert next_pause(4, 503, "0") is None


@pytest.mark.parametrize(
    ("status", "passing"), [(429, True), (500, True), (504, True), (400, False), (401, False), (302, False)]
)
def test_only_what_may_pass_is_tried_again(status, passing):
    """Too many requests, and the service's own failures."""
    assert (next_pause(1, status, None) is not None) == passing


@pytest.mark.parametrize(
    ("retry_after", "pause"), [("0", 0), ("7", 7), ("60", 60), ("61", None), ("9" * 30, None)]
)
def test_the_service_says_how_long(retry_after, pause):
    """In seconds; longer than a minute is not waited."""
    assert next_pause(1, 429, retry_after) == pause


@pytest.mark.parametrize(("ahead", "least", "most"), [(30, 25, 30), (-30, 0, 0)])
def test_the_service_says_until_when(ahead, least, most):
    """As a date; one that has passed is no pause."""
    date = datetime.now(timezone.utc) + timedelta(seconds=ahead)
    assert least <= next_pause(1, 503, format_datetime(date, usegmt=True)) <= most


@pytest.mark.parametrize("retry_after", ["", "soon", "-1", "1.5"])
def test_what_says_nothing_is_passed_over(retry_after):
    """Then the pause is as long as it would be without."""
    assert 0.25 <= next_pause(1, 503, retry_after) <= 0.5
