"""The pictures of the documentation are those that their programs draw from the code."""

import subprocess
import sys
from pathlib import Path

from genai_live.protocol.states import TRANSITIONS
from tests.timing import scaled

DOCS = Path(__file__).parents[2] / "docs"


def test_the_pictures_are_up_to_date(tmp_path):
    """Drawing them again gives the same files: run ``python docs/diagrams`` after a change."""
    program = [sys.executable, "-B", DOCS / "diagrams", tmp_path]
    subprocess.run(program, check=True, timeout=scaled(60), cwd=DOCS.parent)
    drawn = {path.name: path.read_text("utf-8") for path in tmp_path.iterdir()}
    kept = {path.name: path.read_text("utf-8") for path in (DOCS / "_static").glob("*.svg")}
    del kept["performance.svg"]  # which the benchmark draws
    assert drawn == kept


def test_the_picture_of_the_states_shows_every_transition():
    """Each transition of the table stands in the picture's description."""
    picture = (DOCS / "_static" / "states.svg").read_text("utf-8")
    for (source, step), target in TRANSITIONS.items():
        assert f"{source.name} becomes {target.name} when {step.value}" in picture


def test_every_picture_is_shown():
    """No picture is drawn for nothing."""
    pages = "".join(path.read_text("utf-8") for path in DOCS.rglob("*.md"))
    for picture in (DOCS / "_static").glob("*.svg"):
        assert f"_static/{picture.name}" in pages
