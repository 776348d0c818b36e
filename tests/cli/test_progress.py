"""The bar at a terminal, by what is written there."""

import io

import pytest
from rich.console import Console

from genai_live.cli.progress import ProgressBar

ERASE_LINE_ABOVE = "\x1b[1A\x1b[2K"
SHOW_CURSOR = "\x1b[?25h"


@pytest.fixture
def console():
    """A terminal that keeps what is written."""
    return Console(file=io.StringIO(), force_terminal=True, width=80, color_system=None)


@pytest.fixture
def bar(console):
    """The bar of a recording of two seconds."""
    return ProgressBar(console, "question[1].wav", 2.0)


def _written(console):
    return console.file.getvalue()


def test_it_shows_name_and_time(console, bar):
    """The name as it is, though it looks like markup."""
    bar.show(0.5)
    assert "question[1].wav" in _written(console)
    assert "0.5 of 2.0 s" in _written(console)
    bar.hide()


def test_it_can_be_hidden_and_shown_again(console, bar):
    """Nothing is left of it, so that something else can be printed."""
    bar.hide()
    assert _written(console) == ""
    bar.show(0.5)
    bar.hide()
    assert _written(console).endswith(ERASE_LINE_ABOVE)
    bar.show(1.5)
    assert _written(console).rpartition(ERASE_LINE_ABOVE)[2].endswith("1.5 of 2.0 s")
    bar.hide()


def test_it_can_be_left(console, bar):
    """It stands as it is, the cursor below it."""
    bar.show(2.0)
    bar.leave()
    assert _written(console).endswith(f"2.0 of 2.0 s\n{SHOW_CURSOR}")
