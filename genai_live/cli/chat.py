"""``genai-live chat``: one question, a pipe of them, or a prompt. Runs in the main thread."""

from __future__ import annotations

import logging
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING

import click

from genai_live.cli.conversation import Conversation
from genai_live.cli.emulator import load_emulator
from genai_live.cli.printing import LogPrinter, Printer
from genai_live.client import Client
from genai_live.errors import AuthenticationError, LiveTimeout
from genai_live.runtime import LiveCallbacks
from genai_live.session import Session
from genai_live.transport import WebSocketClientFactory

if TYPE_CHECKING:
    from genai_live.cli.prompt import Prompt

_EXAMPLES = """\b
Examples:
  genai-live chat "Tell me something"
  genai-live chat --emulator
  genai-live chat < questions.txt > answers.txt
"""


@click.command(epilog=_EXAMPLES)
@click.argument("question", nargs=-1)
@click.option("--model", default="gemini-3.8-live", show_default=True, help="The model to talk to.")
@click.option("--system", metavar="TEXT", help="The system instruction.")
@click.option("--emulator", is_flag=True, help="Talk to a local emulator instead; needs no key.")
@click.option(
    "--script",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False),
    help="The scenario that the emulator follows; without one it says back what you say.",
)
@click.option("--vertexai", is_flag=True, help="Use Vertex AI.")
@click.option("--base-url", metavar="URL", help="Where the service is, if not at Google.")
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=60,
    show_default=True,
    metavar="SECONDS",
    help="The longest wait for the connection, and for each message.",
)
@click.option("-v", "--verbose", is_flag=True, help="Show connections and frames on stderr, without secrets.")
def chat(
    *,
    question: tuple[str, ...],
    model: str,
    system: str | None,
    emulator: bool,
    script: str | None,
    vertexai: bool,
    base_url: str | None,
    timeout: float,
    verbose: bool,
) -> None:
    """Talk to a model in text.

    With a QUESTION, print the answer as it comes, and end. Without one, show a prompt; or, where the input is
    a pipe or a file, take each of its lines as a question.

    The key is taken from GOOGLE_API_KEY or GEMINI_API_KEY; with --vertexai, the project and location from
    GOOGLE_CLOUD_PROJECT and GOOGLE_CLOUD_LOCATION.
    """
    if question and not " ".join(question).strip():
        raise click.UsageError("the question is empty")
    if not question and sys.stdin is None:
        raise click.UsageError("there is no question, and no input to take one from")
    if script and not emulator:
        raise click.UsageError("--script is for --emulator")
    if emulator and (vertexai or base_url):
        raise click.UsageError("--emulator takes the place of --vertexai and --base-url")
    printer = Printer()
    if verbose:
        logger = logging.getLogger("genai_live")
        logger.addHandler(LogPrinter(printer))
        logger.setLevel(logging.DEBUG)
    prompt = None if question else _make_prompt()
    with ExitStack() as stack:
        client = _emulator_client(script, stack) if emulator else _client(vertexai, base_url)
        session = stack.enter_context(client).live.connect(
            model=model,
            # Models that answer in audio only can be read by it.
            config={"output_audio_transcription": {}, "system_instruction": system},
            callbacks=LiveCallbacks(on_close=lambda *_: prompt.leave()) if prompt else None,
            timeout=timeout,
        )
        conversation = Conversation(
            stack.enter_context(session),
            printer,
            realtime=model.rpartition("/")[2].startswith("gemini-3.1"),
            timeout=timeout,
        )
        if question:
            conversation.ask(" ".join(question))
        elif prompt:
            printer.note(
                f"{model}{' (emulated)' if emulator else ''}. Ctrl-C stops an answer, Ctrl-D leaves."
            )
            _converse(conversation, prompt, printer)
            _raise_if_closed(session)
        else:
            for line in sys.stdin:
                if line.strip():
                    conversation.ask(line.strip())


def _make_prompt() -> Prompt | None:
    """A prompt, if there is somebody to answer it."""
    if not (sys.stdin.isatty() and (sys.stdout.isatty() or sys.stderr.isatty())):
        return None
    from genai_live.cli.prompt import Prompt  # noqa: PLC0415 - takes a while, and is not needed for one question

    return Prompt()


def _converse(conversation: Conversation, prompt: Prompt, printer: Printer) -> None:
    while True:
        try:
            question = prompt.read()
        except KeyboardInterrupt:
            printer.note("Ctrl-D leaves.")
            continue
        except EOFError:
            return
        try:
            if question.strip():
                conversation.ask(question)
        except KeyboardInterrupt:
            printer.note("Stopped.")
        except LiveTimeout as error:
            printer.error(str(error))


def _raise_if_closed(session: Session) -> None:
    if session.close_code is not None:
        told = f"{session.close_code} {session.close_reason}".strip()
        raise click.ClickException(f"the server closed the connection: {told}")


def _client(vertexai: bool, base_url: str | None) -> Client:
    try:
        return Client(vertexai=vertexai or None, http_options={"base_url": base_url})
    except AuthenticationError as error:
        raise click.ClickException(
            "there are no credentials: set GOOGLE_API_KEY or GEMINI_API_KEY, for Vertex AI"
            " GOOGLE_CLOUD_PROJECT and GOOGLE_CLOUD_LOCATION; or use --emulator, which needs none"
        ) from error


def _emulator_client(script: str | None, stack: ExitStack) -> Client:
    emulator = stack.enter_context(load_emulator()(script=script))
    return Client(
        api_key="any",
        http_options={"base_url": emulator.url},
        # The default one would ask a proxy to connect to this machine, if the environment names a proxy.
        websocket_factory=WebSocketClientFactory(),
    )
