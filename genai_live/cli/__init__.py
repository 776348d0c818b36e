"""The command line, ``genai-live``. Runs in the main thread; needs the ``cli`` extra."""

from __future__ import annotations

import sys

_EXTRA = frozenset({"click", "prompt_toolkit", "rich"})


def main() -> int:
    """Run the program with the arguments of the process.

    Returns:
        The exit code: 0, 1 for an error, 2 for wrong arguments, 130 after Ctrl-C.
    """
    try:
        from genai_live.cli.program import run  # noqa: PLC0415 - the extra may be missing

        return run()
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _EXTRA:
            raise
        print(
            f'genai-live: the command line needs {error.name}: pip install "genai-live[cli]"', file=sys.stderr
        )
        return 1
    except KeyboardInterrupt:
        return 130
