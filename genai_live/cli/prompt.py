"""The interactive prompt: editing, history, Ctrl-C and Ctrl-D. Runs in the main thread; ``leave`` in any."""

from __future__ import annotations

import os
import sys
from contextlib import nullcontext, suppress
from pathlib import Path

from prompt_toolkit import PromptSession
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.output.defaults import create_output
from prompt_toolkit.patch_stdout import patch_stdout


class Prompt:
    """Reads questions from a terminal."""

    def __init__(self) -> None:
        # It is shown on stderr where stdout is no terminal, so that answers can go to a file.
        output = create_output(always_prefer_tty=True)
        self._session: PromptSession[str] = PromptSession("> ", history=_history(), output=output)
        self._left = False

    def read(self) -> str:
        """Have a line written.

        Raises:
            KeyboardInterrupt: Ctrl-C.
            EOFError: Ctrl-D on an empty line, or ``leave`` was called.
        """
        # What other threads print meanwhile appears above the prompt; with a file, it would go there.
        with patch_stdout(raw=True) if sys.stdout.isatty() else nullcontext():
            return self._session.prompt(pre_run=self._call_exit)

    def leave(self) -> None:
        """End the prompt that is shown, or the next one."""
        self._left = True
        # The prompt may end by itself at any moment, and then there is no loop or a closed one.
        with suppress(RuntimeError):
            self._call_exit()

    def _call_exit(self) -> None:
        if loop := self._session.app.loop:
            loop.call_soon_threadsafe(self._exit_if_left)

    def _exit_if_left(self) -> None:
        application = self._session.app
        if self._left and application.is_running and not application.is_done:
            application.exit(exception=EOFError)


def _history() -> History:
    """The questions of earlier chats, for nobody else to read; without a place for them, of this one."""
    try:
        folder = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "genai-live"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = folder / "chat-history"
        os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
    except (OSError, RuntimeError):
        return InMemoryHistory()
    return FileHistory(file)
