"""``genai-live music``: so many seconds of music, saved to a file. Runs in the main thread."""

from __future__ import annotations

import re
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click

from genai_live.cli.clients import emulator_client, service_client
from genai_live.cli.printing import Printer, show_log
from genai_live.cli.sound_file import SoundFile
from genai_live.errors import LiveTimeout
from genai_live.music import MusicSession
from genai_live.types import AudioChunk, LiveMusicServerMessage

_MODEL = "lyria-realtime-exp"

_RATE = 48_000
_CHANNELS = 2
"""The format of Lyria RealTime, where a chunk does not tell (ai.google.dev, music generation guide)."""

_MOST_SECONDS = 22_000
"""A WAV file holds 4 GiB."""

_TYPES = ("audio/l16", "audio/pcm")
"""What 16-bit PCM is called; little-endian in either case, other than RFC 2586 has it for the first."""

_PARAMETER = re.compile(r";\s*(rate|channels)=([1-9]\d*)", re.IGNORECASE)

_EXAMPLES = """\b
Examples:
  genai-live music "a calm piano" --save piano.wav
  genai-live music "minimal techno" --bpm 125 --density 0.8 --seconds 60 --save techno.wav
  genai-live music --emulator "anything" --save tone.wav
"""


@click.command(epilog=_EXAMPLES)
@click.argument("prompt", nargs=-1, required=True)
@click.option(
    "--save",
    metavar="FILE",
    type=click.Path(path_type=Path),
    required=True,
    help="The WAV file to save it to: 48 kHz, stereo. A file that is there is replaced.",
)
@click.option(
    "--seconds",
    type=click.IntRange(1, _MOST_SECONDS),
    default=10,
    show_default=True,
    help="How much of it.",
)
@click.option("--bpm", type=click.IntRange(60, 200), help="Beats a minute.")
@click.option("--density", type=click.FloatRange(0, 1), help="From few notes, 0, to many, 1.")
@click.option("--brightness", type=click.FloatRange(0, 1), help="From dull, 0, to bright, 1.")
@click.option("--model", metavar="NAME", default=_MODEL, show_default=True, help="The model that makes it.")
@click.option("--emulator", is_flag=True, help="Have it made by a local emulator; needs no key.")
@click.option("--base-url", metavar="URL", help="Where the service is, if not at Google.")
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=60,
    show_default=True,
    metavar="SECONDS",
    help="The longest wait for the connection, and for each piece.",
)
@click.option("-v", "--verbose", is_flag=True, help="Show connections and frames on stderr, without secrets.")
def music(
    *,
    prompt: tuple[str, ...],
    save: Path,
    seconds: int,
    model: str,
    emulator: bool,
    base_url: str | None,
    timeout: float,
    verbose: bool,
    **settings: Any,
) -> None:
    """Have music made by a PROMPT, and save it.

    It comes as fast as it plays. Ctrl-C ends it, and what has come so far stays in the file.

    The key is taken from GOOGLE_API_KEY or GEMINI_API_KEY. Vertex AI has no music.
    """
    text = " ".join(prompt).strip()
    if not text:
        raise click.UsageError("the prompt is empty")
    if emulator and base_url:
        raise click.UsageError("--emulator takes the place of --base-url")
    printer = Printer()
    if verbose:
        show_log(printer)
    with ExitStack() as stack:
        file = stack.enter_context(SoundFile(save, channels=_CHANNELS))
        client = emulator_client(stack) if emulator else service_client(vertexai=False, base_url=base_url)
        session = stack.enter_context(client).live.music.connect(model=model, timeout=timeout)
        stack.enter_context(session)
        session.set_weighted_prompts(text, timeout=timeout)
        session.set_music_generation_config(settings, timeout=timeout)
        session.play(timeout=timeout)
        _save(session, file, seconds, printer, timeout)


def _save(session: MusicSession, file: SoundFile, seconds: int, printer: Printer, timeout: float) -> None:
    with printer.progress(file.path.name, seconds) as show_saved:
        show_saved(0)
        try:
            for message in session.receive(timeout):
                _tell(message, printer)
                chunks = message.server_content.audio_chunks if message.server_content else None
                for chunk in chunks or ():
                    _add(chunk, file, seconds)
                    show_saved(min(file.seconds, seconds))
                if file.seconds >= seconds:
                    return
        except LiveTimeout as error:
            raise LiveTimeout(f"no music has come for {timeout:g} s") from error


def _tell(message: LiveMusicServerMessage, printer: Printer) -> None:
    if message.warning:
        printer.note(f"The service warns: {message.warning}")
    if message.filtered_prompt:
        printer.note(
            f"The prompt is ignored: {message.filtered_prompt.filtered_reason or 'it was filtered.'}"
        )


def _add(chunk: AudioChunk, file: SoundFile, seconds: int) -> None:
    mime_type = chunk.mime_type or _TYPES[0]
    parameters = {name.lower(): int(value) for name, value in _PARAMETER.findall(mime_type)}
    is_pcm = mime_type.partition(";")[0].strip().lower() in _TYPES
    if not is_pcm or parameters.get("channels", _CHANNELS) != _CHANNELS:
        raise click.ClickException(f"the music came as {mime_type}, and only 16-bit stereo can be saved")
    rate = parameters.get("rate", _RATE)
    wanted = round((seconds - file.seconds) * rate) * 2 * _CHANNELS
    file.write((chunk.data or b"")[: max(0, wanted)], rate)
