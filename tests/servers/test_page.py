"""The page about servers shows programs that run."""

import atexit
import re
from pathlib import Path

import pytest

from genai_live import ConnectionClosed, LiveError, StateError, errors
from genai_live.emulator import Emulator

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "servers.md"


def programs():
    """The text of each program that the page names, by its name."""
    pieces = re.findall(
        r"^```python\n# (\w+)\.py\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    return dict(pieces)


def run(name, emulator, monkeypatch):
    """What the program defines, with a client of an emulator."""
    monkeypatch.setenv("GEMINI_API_KEY", "any")
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", emulator.url)
    names = {}
    exec(programs()[name], names)
    return names


def test_the_program_for_gunicorn(monkeypatch):
    """It answers a request."""
    with Emulator(time_scale=0) as emulator:
        program = run("web", emulator, monkeypatch)
        responses = []
        (body,) = program["application"]({}, lambda status, headers: responses.append(status))
        atexit.unregister(program["client"].close)
        program["client"].close()
    assert responses == ["200 OK"]
    assert body == b"Is it raining in Oslo?"


@pytest.mark.parametrize("signal", ["worker_process_shutdown", "worker_shutdown"])
def test_the_program_for_celery(signal, monkeypatch):
    """Its task asks, and its signals close the client."""
    with Emulator(time_scale=0) as emulator:
        program = run("tasks", emulator, monkeypatch)
        assert program["ask"]("Is it raining in Oslo?") == "Is it raining in Oslo?"
        program[signal].send(None)
        with pytest.raises(StateError, match="closed"):
            program["ask"]("Is it raining in Oslo?")
        program["app"].close()


def test_the_exceptions_that_a_text_does_not_make():
    """The page names all of them: Celery cannot restore them from JSON."""

    def is_made(kind):
        try:
            kind("a text")
        except TypeError:
            return False
        return True

    kinds = {kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, LiveError)}
    assert len(kinds) > 10
    (row,) = (line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| `json`"))
    assert set(re.findall(r"`([A-Z]\w+)`", row)) - {"Exception"} == {
        kind.__name__ for kind in kinds if not is_made(kind) and kind is not ConnectionClosed
    }
