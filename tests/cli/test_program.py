"""The program as a whole: what it is, and what it says when a part of it is missing."""

import pytest

from genai_live import __version__
from tests.cli.program import run, without


def test_it_says_its_version():
    """``--version`` names the program and its version."""
    result = run("--version")
    assert (result.returncode, result.stdout) == (0, f"genai-live, version {__version__}\n")


def test_without_a_command_it_explains_itself():
    """Without a command, the help names the commands, and the exit code says that something was missing."""
    result = run()
    assert result.returncode == 2
    assert "chat" in result.stderr
    assert "emulator" in result.stderr


@pytest.mark.parametrize("module", ["click", "rich"])
def test_a_missing_extra_is_named(module):
    """Where the command line's extra is not installed, one sentence says how to install it."""
    result = run("chat", "Hello", start=without(module))
    assert result.returncode == 1
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert 'pip install "genai-live[cli]"' in result.stderr


def test_the_emulator_s_missing_extra_is_named():
    """Likewise for the emulator's extra, which only ``--emulator`` needs."""
    result = run("chat", "--emulator", "Hello", start=without("aiohttp"))
    assert result.returncode == 1
    assert result.stderr.count("\n") == 1
    assert "genai-live[emulator]" in result.stderr
