"""What is printed, and where: answers on stdout, all else on stderr.

The main thread prints answers and notes; log records are printed by the threads that make them.
"""

from __future__ import annotations

import logging
import re
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click
from rich.console import Console

from genai_live.cli.progress import ProgressBar

_CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""All but tab and newline: what comes from elsewhere must not steer the terminal."""


def printable(text: str) -> str:
    """The text without what would steer a terminal."""
    return _CONTROL_CHARACTERS.sub("", text)


def make_console(*, stderr: bool) -> Console:
    """A console that prints texts as they are: in colours on a terminal, on one line each elsewhere."""
    return Console(stderr=stderr, highlight=False, markup=False, emoji=False, soft_wrap=True)


class Printer:
    """Prints answers as they stream, and what else there is to say."""

    def __init__(self) -> None:
        self._to_terminal = sys.stdout.isatty()
        self._console = make_console(stderr=True)
        # Not as rich sees it: FORCE_COLOR makes a terminal of everything.
        self._stderr_is_terminal = sys.stderr is not None and sys.stderr.isatty()
        self._same_terminal = self._to_terminal and self._stderr_is_terminal
        self._inside_line = False
        self._bar: ProgressBar | None = None
        self._lock = threading.Lock()

    @contextmanager
    def progress(self, name: str, seconds: float) -> Iterator[Callable[[float], None]]:
        """Show on stderr how much of a sound has been sent or saved, if there is somebody to see it.

        Args:
            name: Its file's.
            seconds: How long it is.

        Yields:
            What is to be told, again and again, how many seconds are done.
        """
        if self._stderr_is_terminal and self._console.is_interactive:
            self._bar = ProgressBar(self._console, printable(name), seconds)
        try:
            yield lambda done: self._show_progress(done, done >= seconds)
        finally:
            with self._lock:
                self._end_bar()

    def _show_progress(self, done: float, all_done: bool) -> None:
        with self._lock:
            # An answer that has begun keeps its line.
            if self._bar and not (self._inside_line and self._same_terminal):
                self._bar.show(done)
            if all_done:
                self._end_bar()

    def _end_bar(self) -> None:
        if self._bar:
            self._bar.leave()
            self._bar = None

    def answer(self, text: str) -> None:
        """Print a piece of an answer at once."""
        if text:
            with self._lock:
                if self._bar and self._same_terminal:
                    self._bar.hide()
                self._inside_line = not text.endswith("\n")
                self._write(printable(text) if self._to_terminal else text)

    def end_answer(self) -> None:
        """End the answer's last line, if it has not ended itself."""
        with self._lock:
            self._end_line()

    def note(self, text: str) -> None:
        """Print a sentence that explains."""
        with self._beside_answer():
            self._console.print(printable(text), style="dim")

    def error(self, text: str) -> None:
        """Print why the program could not do what it was told to."""
        with self._beside_answer():
            self._console.print(f"genai-live: {printable(text)}", style="red")

    def log(self, text: str) -> None:
        """Print a log record, in whichever thread makes it."""
        with self._beside_answer():
            # Not by rich, which would end the thread where stderr is a pipe that nobody reads any more.
            click.secho(printable(text), err=True, dim=True)

    @contextmanager
    def _beside_answer(self) -> Iterator[None]:
        with self._lock:
            if self._same_terminal:
                self._end_line()
            if self._bar:
                self._bar.hide()
            yield

    def _end_line(self) -> None:
        if self._inside_line:
            self._inside_line = False
            self._write("\n")

    def _write(self, text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()


def show_log(printer: Printer, level: int = logging.DEBUG) -> None:
    """Have the library's log printed from now on, down to this level."""
    logger = logging.getLogger("genai_live")
    logger.addHandler(LogPrinter(printer))
    logger.setLevel(level)


class LogPrinter(logging.Handler):
    """Prints the library's log, which leaves secrets out: connections and frames."""

    def __init__(self, printer: Printer) -> None:
        super().__init__()
        self._printer = printer
        self.setFormatter(logging.Formatter("%(asctime)s.%(msecs)03d %(message)s", "%H:%M:%S"))

    def emit(self, record: logging.LogRecord) -> None:
        """Print a record; a fault in that must not reach the library."""
        try:
            self._printer.log(self.format(record))
        except Exception:
            self.handleError(record)
