"""``genai-live chat``: a question, a recording, a pipe of questions, or a prompt. Runs in the main thread."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from genai_live.cli.answer import Answer
from genai_live.cli.clients import emulator_client, service_client
from genai_live.cli.conversation import Conversation
from genai_live.cli.emulator import MODELS_BY_PROFILE
from genai_live.cli.printing import Printer, show_log
from genai_live.cli.recording import AnswerFile, open_recording
from genai_live.cli.tools import load_tools
from genai_live.cli.transcript import USER, Transcript
from genai_live.errors import LiveTimeout, TurnLostError
from genai_live.protocol.turns import turn_end
from genai_live.runtime import LiveCallbacks
from genai_live.session import Session

if TYPE_CHECKING:
    from genai_live.cli.prompt import Prompt

_MODEL = "gemini-3.8-live"

_EXAMPLES = """\b
Examples:
  genai-live chat "Tell me something"
  genai-live chat --emulator
  genai-live chat < questions.txt > answers.txt
  genai-live chat --audio question.wav --save answer.wav --transcript
  genai-live chat --tools my_module:get_weather "Is it raining in Oslo?"
"""


@click.command(epilog=_EXAMPLES)
@click.argument("question", nargs=-1)
@click.option(
    "--audio",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Ask by this recording, a WAV file of 16-bit mono PCM, instead of a QUESTION.",
)
@click.option(
    "--save",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Save what is heard back to this WAV file. A file that is there is replaced.",
)
@click.option("--transcript", is_flag=True, help="Show what both have said, and who said what.")
@click.option("--model", metavar="NAME", help=f"The model to talk to.  [default: {_MODEL}]")
@click.option("--system", metavar="TEXT", help="The system instruction.")
@click.option(
    "--tools",
    metavar="MODULE[:NAME]",
    multiple=True,
    help="A Python function that the model may call, or all of a module; may be given several times.",
)
@click.option("--emulator", is_flag=True, help="Talk to a local emulator instead; needs no key.")
@click.option(
    "--script",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False),
    help="The scenario or recording that the emulator follows; without one it says back what you say.",
)
@click.option(
    "--profile",
    type=click.Choice(list(MODELS_BY_PROFILE)),
    help="The family of models that the emulator behaves as; without one, the model's own.",
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
    audio: Path | None,
    save: Path | None,
    transcript: bool,
    model: str | None,
    system: str | None,
    tools: tuple[str, ...],
    emulator: bool,
    script: str | None,
    profile: str | None,
    vertexai: bool,
    base_url: str | None,
    timeout: float,
    verbose: bool,
) -> None:
    """Talk to a model.

    With a QUESTION, or a recording of one, print the answer as it comes, and end. Without, show a prompt; or,
    where the input is a pipe or a file, take each of its lines as a question.

    The key is taken from GOOGLE_API_KEY or GEMINI_API_KEY; with --vertexai, the project and location from
    GOOGLE_CLOUD_PROJECT and GOOGLE_CLOUD_LOCATION.
    """
    _refuse(
        {
            "the question is empty": question and not " ".join(question).strip(),
            "the recording is the question: leave out either --audio or QUESTION": question and audio,
            "there is no question, and no input to take one from": not (question or audio or sys.stdin),
            "--save would replace the recording that is sent": audio and save and _are_one_file(audio, save),
            "--script is for --emulator": script and not emulator,
            "--profile is for --emulator": profile and not emulator,
            "--emulator takes the place of --vertexai and --base-url": emulator and (vertexai or base_url),
        }
    )
    model = model or (MODELS_BY_PROFILE[profile] if profile else _MODEL)
    transcribes = "transcribe" in (profile or model)
    printer = Printer()
    if verbose or tools:
        # What a function raises is logged as a warning: whoever tries one wants to see that.
        show_log(printer, logging.DEBUG if verbose else logging.WARNING)
    functions = load_tools(tools, vertexai=vertexai)
    prompt = None if question or audio else _make_prompt()
    with ExitStack() as stack:
        recording = stack.enter_context(open_recording(audio)) if audio else None
        file = stack.enter_context(AnswerFile(save)) if save else None
        client = (
            emulator_client(stack, script=script, profile=profile)
            if emulator
            else service_client(vertexai=vertexai, base_url=base_url)
        )
        session = stack.enter_context(client).live.connect(
            model=model,
            config=_config(system, transcribes=transcribes, transcript=transcript, aloud=save is not None)
            | ({"tools": functions} if functions else {}),
            callbacks=LiveCallbacks(on_close=lambda *_: prompt.leave()) if prompt else None,
            timeout=timeout,
        )

        def make_answer(spoken: bool) -> Answer:
            lines = Transcript(printer, spoken=spoken) if transcript else None
            return Answer(printer, transcript=lines, file=file, transcribes=transcribes)

        conversation = Conversation(
            stack.enter_context(session),
            printer,
            make_answer,
            realtime=model.rpartition("/")[2].startswith("gemini-3.1"),
            timeout=timeout,
            is_last=turn_end(model),
        )

        def ask(question: str) -> None:
            # At the prompt it stands already, if that is where the transcript goes.
            if transcript and not (prompt and sys.stdout.isatty()):
                printer.answer(f"{USER}: {question}\n")
            conversation.ask(question)

        if recording:
            conversation.speak(recording)
        elif prompt:
            printer.note(
                f"{model}{' (emulated)' if emulator else ''}. Ctrl-C stops an answer, Ctrl-D leaves."
            )
            _converse(ask, prompt, printer)
            _raise_if_closed(session)
        else:
            for line in [" ".join(question)] if question else sys.stdin:
                if line.strip():
                    ask(line.strip())
        if file and not file.seconds:
            printer.note(f"Nothing was heard; {file.path} was not written.")


def _refuse(mistakes: dict[str, Any]) -> None:
    for mistake, is_made in mistakes.items():
        if is_made:
            raise click.UsageError(mistake)


def _are_one_file(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:  # What is wrong with them is told when they are opened.
        return False


def _config(system: str | None, *, transcribes: bool, transcript: bool, aloud: bool) -> dict[str, Any]:
    config: dict[str, Any] = {"system_instruction": system}
    if transcribes:
        # Such a model answers in nothing else.
        return config | {"response_modalities": ["TEXT"], "input_audio_transcription": {}}
    # Models that answer in audio only can be read by it.
    config["output_audio_transcription"] = {}
    if transcript:
        config["input_audio_transcription"] = {}
    if aloud:
        config["response_modalities"] = ["AUDIO"]
    return config


def _make_prompt() -> Prompt | None:
    """A prompt, if there is somebody to answer it."""
    if not (sys.stdin.isatty() and (sys.stdout.isatty() or sys.stderr.isatty())):
        return None
    from genai_live.cli.prompt import Prompt  # noqa: PLC0415 - takes a while, and is not needed for one question

    return Prompt()


def _converse(ask: Callable[[str], None], prompt: Prompt, printer: Printer) -> None:
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
                ask(question)
        except KeyboardInterrupt:
            printer.note("Stopped.")
        except (LiveTimeout, TurnLostError) as error:
            printer.error(str(error))


def _raise_if_closed(session: Session) -> None:
    if session.close_code is not None:
        told = f"{session.close_code} {session.close_reason}".strip()
        raise click.ClickException(f"the server closed the connection: {told}")
