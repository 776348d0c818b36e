"""The bar that shows how much of a sound has been sent or saved. Any thread may use it, one at a time."""

from __future__ import annotations

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn


class ProgressBar:
    """A bar at the bottom of a terminal. It can be hidden, so that something else is printed there.

    Args:
        console: The terminal.
        name: The sound's.
        seconds: How long it is.
    """

    def __init__(self, console: Console, name: str, seconds: float) -> None:
        self._console = console
        self._name = name
        self._seconds = seconds
        self._shown: Progress | None = None

    def show(self, done: float) -> None:
        """Show that so many seconds are done."""
        if self._shown is None:
            self._shown = self._make()
        self._shown.update(self._shown.task_ids[0], completed=done)
        self._shown.start()
        self._shown.refresh()

    def _make(self) -> Progress:
        progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.completed:.1f} of {task.total:.1f} s"),
            console=self._console,
            # By a thread, which would draw it amid what other threads print.
            auto_refresh=False,
            transient=True,
            # To the console, which is stderr, whatever was meant for stdout.
            redirect_stdout=False,
            redirect_stderr=False,
        )
        progress.add_task(self._name, total=self._seconds)
        return progress

    def hide(self) -> None:
        """Remove it, until it is shown again."""
        if self._shown is not None:
            self._shown.stop()
            self._shown = None

    def leave(self) -> None:
        """Let it stand as it is, and go on below."""
        if self._shown is not None:
            self._shown.live.transient = False
            self.hide()
