"""The commands together, and how each error ends the program. Runs in the main thread."""

from __future__ import annotations

import io
import sys

import click

from genai_live.cli.chat import chat
from genai_live.cli.emulator import emulator
from genai_live.cli.music import music
from genai_live.cli.printing import Printer
from genai_live.cli.token import token
from genai_live.errors import LiveError
from genai_live.version import __version__


@click.group()
@click.version_option(__version__, prog_name="genai-live")
def program() -> None:
    """Talk to the models of the Gemini Live API."""


program.add_command(chat)
program.add_command(emulator)
program.add_command(music)
program.add_command(token)


def run() -> int:
    """Run the command that the arguments name.

    Returns:
        The exit code.
    """
    for stream in (sys.stdin, sys.stdout):
        if isinstance(stream, io.TextIOWrapper):
            # Half a character, as a model may send it, is no reason to end.
            stream.reconfigure(errors="replace")
    try:
        return program.main(prog_name="genai-live", standalone_mode=False) or 0
    except click.UsageError as error:
        error.show()
        return error.exit_code
    except click.ClickException as error:
        Printer().error(error.message)
        return error.exit_code
    except LiveError as error:
        Printer().error(str(error))
        return 1
    except click.Abort:
        return 130
