"""The tutorial of the documentation, typed in from its first line to its last."""

import doctest
import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "tutorial.md"


def _prompts() -> str:
    """What stands in the page's prompts, each line at its own number, so that failures name it."""
    page = PAGE.read_text("utf-8")
    lines = [""] * page.count("\n")
    for prompt in re.finditer(r"^```pycon\n(.*?)^```$", page, flags=re.MULTILINE | re.DOTALL):
        first = page.count("\n", 0, prompt.start(1))
        shown = prompt[1].splitlines()
        lines[first : first + len(shown)] = shown
    return "\n".join(lines)


def test_the_tutorial_does_what_it_shows():
    """Each prompt gives the output that stands beneath it, and at the end nothing is left open."""
    tutorial = doctest.DocTestParser().get_doctest(_prompts(), {}, PAGE.name, str(PAGE), 0)
    complaints: list[str] = []
    results = doctest.DocTestRunner().run(tutorial, out=complaints.append)
    assert not results.failed, "".join(complaints)
    assert results.attempted > 20
