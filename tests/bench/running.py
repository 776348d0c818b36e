"""Runs the load server and, one after another, the clients. The main thread waits for their processes."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from tests.bench import speed_extra
from tests.bench.scenarios import CLIENTS, FLOOR, GOOGLE, NODE, PLAIN, SCENARIOS, SPEED, Scenario

NODE_HOME = Path(os.environ.get("GENAI_LIVE_TEST_NODE_HOME", "."))
"""Where @google/genai is installed."""

_ROOT = Path(__file__).parents[2]
_SECONDS = 120
"""More than any client takes."""

Results = dict[str, dict[str, dict[str, float]]]
"""Client, scenario and name: the median over the rounds."""

_WITHOUT = f"import sys; sys.modules.update(dict.fromkeys({speed_extra.module_names()})); "
_IMPORTS = {
    SPEED: ("from genai_live import Client", "Client(api_key='a-key')"),
    PLAIN: (f"{_WITHOUT}from genai_live import Client", "Client(api_key='a-key')"),
    GOOGLE: ("from google import genai", "genai.Client(api_key='a-key')"),
    FLOOR: ("import websocket", "websocket.WebSocket()"),
}
"""What a program begins with, and what it does next."""


def node_version() -> str | None:
    """The version of @google/genai, or None where it, or Node, is not here."""
    manifest = NODE_HOME / "node_modules/@google/genai/package.json"
    if shutil.which("node") is None or not manifest.exists():
        return None
    version: str = json.loads(manifest.read_text(encoding="utf-8"))["version"]
    return version


class Bench:
    """One run against one server. A context manager: the server ends with it.

    Args:
        clients: The clients that take part.
    """

    def __init__(self, clients: Collection[str]) -> None:
        self._clients = [client for client in CLIENTS if client in clients]
        self._stack = contextlib.ExitStack()
        self._port = 0
        self._environment: Mapping[str, str] = {}

    def __enter__(self) -> Bench:
        with self._stack as stack:
            server = stack.enter_context(_server())
            authority = stack.enter_context(tempfile.NamedTemporaryFile("w", suffix=".pem"))
            authority.write(server["authority"])
            authority.flush()
            self._port = server["port"]
            self._environment = _environment(authority.name)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def measure(self, scenario: str, rounds: int, results: Results) -> None:
        """Runs a scenario: the clients in turn, and that so many times."""
        what = SCENARIOS[scenario]
        clients = [client for client in self._clients if client in what.clients]
        rounds_of: dict[str, list[dict[str, float]]] = defaultdict(list)
        for _ in range(rounds):
            for client in clients:
                figures = self._run(client, what) if what.function else self._import(client)
                rounds_of[client].append(figures)
        for client, rounds_here in rounds_of.items():
            results[client][scenario] = {
                name: statistics.median(figures[name] for figures in rounds_here) for name in rounds_here[0]
            }

    def _run(self, client: str, scenario: Scenario) -> dict[str, float]:
        if client == NODE:
            # Node looks for packages beside the program.
            shutil.copy(_ROOT / "tests/bench/clients" / CLIENTS[client], NODE_HOME)
            command = ["node", str(NODE_HOME / CLIENTS[client])]
        else:
            command = [sys.executable, "-m", f"tests.bench.clients.{CLIENTS[client]}"]
        command += [scenario.function, str(self._port), json.dumps(scenario.arguments)]
        run = subprocess.run(
            command,
            cwd=_ROOT,
            env=self._environment,
            stdout=subprocess.PIPE,
            text=True,
            timeout=_SECONDS,
            check=True,
        )
        figures: dict[str, float] = json.loads(run.stdout)
        return figures

    def _import(self, client: str) -> dict[str, float]:
        beginning, use = _IMPORTS[client]
        nothing = self._python("pass")
        imported = self._python(beginning)
        used = self._python(f"{beginning}; {use}")
        return {
            "seconds": imported[0] - nothing[0],
            "cpu": imported[1] - nothing[1],
            "used": used[0] - nothing[0],
        }

    def _python(self, program: str) -> tuple[float, float]:
        """The seconds that a program takes, and its CPU seconds."""
        begun = time.perf_counter()
        process = subprocess.Popen([sys.executable, "-c", program], cwd=_ROOT, env=self._environment)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise RuntimeError(f"this program failed: {program}")
        return seconds, usage.ru_utime + usage.ru_stime


@contextlib.contextmanager
def _server() -> Iterator[dict[str, object]]:
    """The load server, and what it says of itself."""
    command = [sys.executable, "-m", "tests.bench.server"]
    with subprocess.Popen(
        command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.stdin.close()


def _environment(authority: str) -> dict[str, str]:
    """No key, address or proxy of the machine, and each client finds the authority as it does elsewhere."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.upper().startswith(("GOOGLE_", "GEMINI_"))
        and not name.upper().endswith(("_PROXY", "CA_BUNDLE"))
        and name != "PYTHONDONTWRITEBYTECODE"  # else what was edited is compiled anew for each import
    }
    return kept | {"SSL_CERT_FILE": authority, "NODE_EXTRA_CA_CERTS": authority}
