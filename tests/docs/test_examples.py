"""The programs of docs/examples, run as a reader would run them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.timing import scaled

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
HOW_TO = EXAMPLES.parent / "how-to"
PAGES = {
    "reconnect.py": "reconnect.md",
    "script.py": "script.md",
    "callbacks.py": "callbacks.md",
    "threads.py": "threads.md",
    "functions.py": "functions.md",
    "functions_by_hand.py": "functions.md",
    "voice.py": "voice.md",
    "music.py": "music.md",
    "tokens.py": "tokens.md",
}
SERVED = {"flask_app.py"}
"""Those that a web server runs, in ``tests/web``."""


def documented_output(page: str) -> str:
    """What the page says that its program prints."""
    _, _, after = (HOW_TO / page).read_text("utf-8").partition("```text\n")
    return after.partition("```")[0]


@pytest.mark.parametrize(("example", "page"), PAGES.items())
def test_an_example_prints_what_its_page_says(example, page):
    """Without a key an example talks to the emulator, warns of nothing, and prints what is documented."""
    assert f"examples/{example}" in (HOW_TO / page).read_text("utf-8")
    environment = {name: value for name, value in os.environ.items() if name != "GEMINI_API_KEY"}
    result = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", EXAMPLES / example],
        capture_output=True,
        text=True,
        timeout=scaled(60),
        env=environment,
        check=False,
    )
    assert (result.stderr, result.returncode) == ("", 0)
    assert result.stdout == documented_output(page)


def test_every_example_is_run():
    """No program lies in docs/examples that is run neither here nor by a web server."""
    assert {path.name for path in EXAMPLES.glob("*.py")} == set(PAGES) | SERVED
