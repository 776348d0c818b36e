"""``genai-live emulator``: the emulator alone, for programs under test. Main thread, and one that prints."""

from __future__ import annotations

import os
import shlex
import signal
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import click

from genai_live.cli.printing import make_console, printable

if TYPE_CHECKING:
    from rich.console import Console

    from genai_live.emulator import Connection, Emulator

MODELS_BY_PROFILE = {
    "2.0": "gemini-2.0-flash-live-001",
    "2.5": "gemini-2.5-flash-native-audio-latest",
    "3.1": "gemini-3.1-flash-live-preview",
    "3.8": "gemini-3.8-live",
    "transcribe": "gemini-3.5-transcribe-live",
    "vertex-2.5": "gemini-live-2.5-flash",
}
"""The families of models that the emulator can behave as, and a model of each."""

_ENDING = (signal.SIGINT, signal.SIGTERM)

_WAIT_SECONDS = 1e8
"""Between two connections: no limit, in a form that a condition variable takes."""


def load_emulator() -> type[Emulator]:
    """The Emulator class, from an extra that may be missing.

    Raises:
        ClickException: It is missing.
    """
    try:
        from genai_live.emulator import Emulator  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise click.ClickException(str(error)) from error
    return Emulator


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option(
    "--port",
    default=8765,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="The port; 0 for any free one.",
)
@click.option(
    "--tls",
    "ca_file",
    metavar="CA_FILE",
    type=click.Path(dir_okay=False),
    help="Serve TLS. The certificate to trust is written to this file, and removed at the end.",
)
@click.option(
    "--script",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False),
    help="The scenario or recording to follow; without one the model says back what it is told.",
)
@click.option(
    "--profile",
    type=click.Choice(list(MODELS_BY_PROFILE)),
    help="The family of models that every model behaves as; without one, each as its own.",
)
@click.option(
    "--key", "keys", metavar="KEY", multiple=True, help="A key that is good; without one every key is."
)
@click.option(
    "--time-scale",
    default=1.0,
    show_default=True,
    type=click.FloatRange(min=0),
    help="What every pause is multiplied by; 0 for no pauses.",
)
def emulator(
    *,
    host: str,
    port: int,
    ca_file: str | None,
    script: str | None,
    profile: str | None,
    keys: tuple[str, ...],
    time_scale: float,
) -> None:
    """Run a local server that behaves as the Live API does.

    It says where it listens, then names each connection as it opens and closes, until Ctrl-C or SIGTERM.
    Where a client did not follow the script, the exit code is 1.
    """
    console = make_console(stderr=False)
    # Blocked before a thread starts and waited for below: the exception that a signal raises otherwise may
    # come in the middle of anything, and be lost there.
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
    server = load_emulator()(
        tls=ca_file is not None,
        script=script,
        profile=profile,
        api_keys=keys or None,
        time_scale=time_scale,
        host=host,
        port=port,
        # Whoever names a host wants to be reached there.
        allow_remote=True,
    )
    with server, _certificate_in(ca_file, server.ssl_context):
        console.print(f"Listening on {server.url}", style="bold green")
        console.print("Ctrl-C stops it. To talk to it:")
        for example in _examples(server.url, ca_file, "any" if not keys else "one-of-the-keys"):
            console.print(f"  {example}", style="cyan")
        threading.Thread(target=_report, args=(server, console), name="journal", daemon=True).start()
        signal.sigwait(_ENDING)


def _report(server: Emulator, console: Console) -> None:
    journal = _Journal(server)
    while True:
        for line in server.wait_until(journal.news, _WAIT_SECONDS):
            console.print(printable(line))


def _examples(url: str, ca_file: str | None, key: str) -> tuple[str, str]:
    chat = f"GOOGLE_API_KEY={key} genai-live chat --base-url {url}"
    client = f'api_key="{key}", http_options={{"base_url": "{url}"}}'
    if ca_file:
        chat = f"REQUESTS_CA_BUNDLE={shlex.quote(ca_file)} {chat}"
        client += f", ssl_context=ssl.create_default_context(cafile={ca_file!r})"
    return chat, f"Client({client})"


@contextmanager
def _certificate_in(path: str | None, context: ssl.SSLContext | None) -> Iterator[None]:
    """Keep the certificate to trust in a new file for as long as it is of use."""
    if path is None or context is None:
        yield
        return
    authorities = context.get_ca_certs(binary_form=True)
    try:
        with open(path, "x", encoding="ascii") as file:
            file.writelines(ssl.DER_cert_to_PEM_cert(authority) for authority in authorities)
    except FileExistsError as error:
        raise click.ClickException(f"{path} is there already, and is not overwritten") from error
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written: {error.strerror}") from error
    try:
        yield
    finally:
        with suppress(FileNotFoundError):
            os.remove(path)


class _Journal:
    """Knows what has been said about each connection."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self._named: set[Connection] = set()
        self._ended: set[Connection] = set()

    def news(self) -> list[str]:
        """What has happened since the last call, a line each."""
        lines = []
        for number, connection in enumerate(self._emulator.connections, 1):
            if connection not in self._named and (connection.received or connection.closed_by):
                self._named.add(connection)
                lines.append(f"#{number} {_model(connection)} at {connection.path}")
            if connection not in self._ended and connection.closed_by:
                self._ended.add(connection)
                told = f"{connection.close_code} {connection.close_reason}".strip()
                lines.append(f"#{number} closed by the {connection.closed_by}: {told}")
        return lines


def _model(connection: Connection) -> str:
    match connection.received:
        case ({"setup": {"model": str(model)}}, *_):
            return model
    return "no model"
