"""The programs that a newcomer sees first."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from genai_live.emulator import Emulator
from tests.timing import scaled

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("page", ["README.md", "docs/index.md"])
def test_the_first_program_of_a_page_runs(page):
    """With a key and an address in the environment it needs no change, and prints an answer."""
    (program,) = re.findall(
        r"^```python\n(.*?)^```$", (ROOT / page).read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    with Emulator(time_scale=0) as emulator:
        environment = {**os.environ, "GEMINI_API_KEY": "any", "GOOGLE_GEMINI_BASE_URL": emulator.url}
        result = subprocess.run(
            [sys.executable, "-X", "dev", "-W", "error", "-c", program],
            capture_output=True,
            text=True,
            timeout=scaled(60),
            env=environment,
            check=False,
        )
    assert (result.stderr, result.returncode) == ("", 0)
    assert result.stdout.startswith("Is it raining in Oslo?\n")


def test_links_of_the_readme_lead_somewhere():
    """Each relative link names a file of the repository."""
    links = re.findall(r"\]\(((?!https:)[^)]+)\)", (ROOT / "README.md").read_text("utf-8"))
    assert links
    assert not [link for link in links if not (ROOT / link).is_file()]
