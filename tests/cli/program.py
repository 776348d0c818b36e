"""The real program in a process of its own, with pipes or at a terminal."""

import os
import pty
import re
import select
import signal
import subprocess
import sys
import time

from tests.timing import SOON, scaled

ENDS = scaled(30)
"""Long enough for a whole process on a busy machine."""

CTRL_A, CTRL_C, CTRL_D, UP, ENTER = "\x01", "\x03", "\x04", "\x1b[A", "\r"
PROMPT = ">\x08"
"""How the prompt is drawn while nothing is written at it, when the cursor's movements are left out."""

UNMEASURED = {"COVERAGE_PROCESS_CONFIG": ""}
"""The environment of a process that is interrupted. With its coverage measured it may hang: coverage takes
and gives back a lock in Python, again and again, and a KeyboardInterrupt may strike between the two."""

_MODULE = ("-m", "genai_live")
_AT_TERMINAL = """
import os, sys
os.close(os.open(os.ttyname(0), os.O_RDWR))  # now it is the controlling terminal, so that Ctrl-C is a signal
from genai_live.cli import main
sys.exit(main())
"""
_ESCAPE_SEQUENCE = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\r")
_UNFINISHED = re.compile(rb"\x1b(?:\[[0-9;?]*)?\Z")


def _environment(changes):
    unwanted = {"FORCE_COLOR", "NO_COLOR", "COLUMNS"}
    # Not asked for: where the cursor is, which nobody here would tell.
    settings = {"TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1", "PYTHONFAULTHANDLER": "1"} | changes
    return {name: value for name, value in os.environ.items() if name not in unwanted} | settings


def run(*arguments, stdin="", start=_MODULE, **environment):
    """Run the program to its end; what it reads and prints are strings, or bytes if ``stdin`` is."""
    return subprocess.run(
        [sys.executable, *start, *arguments],
        input=stdin,
        capture_output=True,
        text=isinstance(stdin, str),
        env=_environment(environment),
        timeout=ENDS,
        check=False,
    )


def without(module):
    """The start of a program that cannot import the module."""
    return (
        "-c",
        f"import sys; sys.modules[{module!r}] = None; from genai_live.cli import main; sys.exit(main())",
    )


def _split_whole(raw):
    """Split off an escape sequence whose end has not come."""
    match = _UNFINISHED.search(raw)
    return (raw[: match.start()], match[0]) if match else (raw, b"")


class Program:
    """The program while it runs; a context manager that kills it at the end, if need be.

    Args:
        arguments: Of the program.
        terminal: Whether it runs at a terminal, or with pipes.
        stdout: A file for its stdout, in place of the terminal or pipe.
        environment: Changes of the environment.

    Attributes:
        printed: What has been read so far, without escape sequences.
        drawn: The same, with them.
    """

    def __init__(self, *arguments, terminal=False, stdout=None, **environment):
        if terminal:
            self._ours, theirs = pty.openpty()
            start = ("-c", _AT_TERMINAL)
        else:
            self._ours, theirs = os.pipe()
            start = _MODULE
        self._process = subprocess.Popen(
            [sys.executable, *start, *arguments],
            stdin=theirs if terminal else subprocess.DEVNULL,
            stdout=theirs if stdout is None else stdout,
            stderr=theirs,
            env=_environment(UNMEASURED | environment),
            start_new_session=terminal,
        )
        os.close(theirs)
        self._raw = b""
        self._unread = ""
        self.printed = ""
        self.drawn = ""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()
        os.close(self._ours)

    def press(self, *keys):
        """Type at the terminal."""
        os.write(self._ours, "".join(keys).encode())

    def ask(self, question):
        """Type a question at the prompt, once there is one."""
        self.expect(PROMPT)
        self.press(question, ENTER)

    def expect(self, text):
        """Read until the text comes, and return all from the last expected text up to it."""
        deadline = time.monotonic() + ENDS
        while text not in self._unread:
            if not self._read(deadline):
                raise AssertionError(f"expected {text!r}, got {self._unread!r}")
        before, _, self._unread = self._unread.partition(text)
        return before

    def _read(self, deadline):
        readable, _, _ = select.select([self._ours], [], [], max(0.0, deadline - time.monotonic()))
        try:
            read = os.read(self._ours, 65536) if readable else b""
        except OSError:  # How Linux says that nobody is left at the other end of a terminal.
            read = b""
        self._raw += read
        raw, self._raw = _split_whole(self._raw)
        self.drawn += raw.decode()
        text = _ESCAPE_SEQUENCE.sub("", raw.decode())
        self._unread += text
        self.printed += text
        return bool(read)

    def signal(self, number):
        """Send a signal."""
        self._process.send_signal(number)

    def end(self):
        """Read the rest and return the exit code; where it does not end, tell what its threads do."""
        self._read_rest(ENDS)
        try:
            return self._process.wait(SOON)
        except subprocess.TimeoutExpired:
            self.signal(signal.SIGABRT)  # has the fault handler print the stacks
            self._read_rest(SOON)
            raise AssertionError(f"it does not end: {self.printed}") from None

    def _read_rest(self, seconds):
        deadline = time.monotonic() + seconds
        while self._read(deadline):
            pass
