"""The examples under a real WSGI server, and a browser's part in a few lines."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import requests

from tests.timing import SOON, scaled

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
APPLICATIONS = {
    "flask": ("flask_app:app", EXAMPLES),
    "django": ("assistant.wsgi", EXAMPLES / "django_project"),
}
COMMAND = "gunicorn --worker-class gthread --threads 8"
KEY = "a-secret-key"
ENDS = scaled(30)
"""Long enough for gunicorn to end on a busy machine."""


def environment(service_url, answer_seconds=60.0):
    """What the examples are told by the environment."""
    return {
        **os.environ,
        "GEMINI_API_KEY": KEY,
        "GOOGLE_GEMINI_BASE_URL": service_url,
        "DJANGO_SECRET_KEY": "any",
        "ANSWER_SECONDS": str(answer_seconds),
        "FLASK_ANSWER_SECONDS": str(answer_seconds),
    }


class Gunicorn:
    """gunicorn, serving some program.

    Args:
        arguments: gunicorn's.
        folder: Where the program lies.
        environment: What it is told by the environment.
    """

    def __init__(self, arguments, *, folder, environment):
        self._command = [sys.executable, "-B", "-X", "dev", "-m", "gunicorn", *arguments]
        self._command += ["--keep-alive", "0"]  # idle connections would only hold up its end
        self._folder = folder
        self._environment = environment

    def __enter__(self):
        self._scratch = tempfile.TemporaryDirectory()
        self._log = Path(self._scratch.name, "log")
        control_socket_folder = {"XDG_RUNTIME_DIR": self._scratch.name}
        # Connections wait in this socket until a worker takes them, so nobody has to ask for readiness.
        with socket.create_server(("127.0.0.1", 0)) as listening, self._log.open("ab") as log:
            self.url = f"http://127.0.0.1:{listening.getsockname()[1]}/"
            self._process = subprocess.Popen(
                [*self._command, "--bind", f"fd://{listening.fileno()}"],
                cwd=self._folder,
                env=self._environment | control_socket_folder,
                pass_fds=[listening.fileno()],
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        return self

    def __exit__(self, kind, error, traceback):
        try:
            self.terminate()
            exit_code = self.end()
            if error is None:
                assert exit_code == 0
                assert KEY not in self.log
                assert "dropped without close()" not in self.log
        finally:
            if self._process.poll() is None:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()
            if error is not None:
                print(self.log)
            self._scratch.cleanup()

    def terminate(self):
        """Have it end as an operator would."""
        self._process.terminate()

    def end(self):
        """Wait until it has ended, and return the exit code."""
        return self._process.wait(ENDS)

    @property
    def log(self):
        """What it has printed so far."""
        return self._log.read_text("utf-8")


class WebServer(Gunicorn):
    """gunicorn with one worker process of eight threads, serving an example.

    Args:
        name: The example's.
        service_url: Where it finds the Live API.
        arguments: More of gunicorn's.
        answer_seconds: How long an answer may take.
    """

    def __init__(self, name, service_url, *arguments, answer_seconds=60.0):
        application, folder = APPLICATIONS[name]
        super().__init__(
            [*COMMAND.split()[1:], application, *arguments],
            folder=folder,
            environment=environment(service_url, answer_seconds),
        )


class Browser(requests.Session):
    """A user's view of the page."""

    def __init__(self, server):
        super().__init__()
        self._url = server.url

    def ask(self, question):
        """Fill in the form and send it; the response is returned when its headers have come."""
        page = self.get(self._url, timeout=SOON)
        assert page.status_code == 200
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="(\w+)">', page.text))
        return self.post(
            f"{self._url}answer", data={**hidden, "question": question}, timeout=SOON, stream=True
        )


def read_events(response):
    """The events of a stream as they come, each as its name and data; a comment's name is empty."""
    assert response.status_code == 200, response.text
    assert response.headers["Content-Type"].startswith("text/event-stream")
    deadline = time.monotonic() + ENDS
    block = []
    for line in response.iter_lines(chunk_size=1, decode_unicode=True):
        assert time.monotonic() < deadline, "the stream does not end"
        if line:
            block.append(line)
            continue
        if block[0].startswith(":"):
            yield "", block[0]
        else:
            name, data = block
            yield name.removeprefix("event: "), json.loads(data.removeprefix("data: "))
        block = []


def read_words(response):
    """The pieces of an answer as they come, which must end in order."""
    for name, data in read_events(response):
        if name == "words":
            yield data
        else:
            assert name in ("", "end"), data


def read_answer(response):
    """All words of a stream, and its last event."""
    *pieces, last = (event for event in read_events(response) if event[0])
    assert {name for name, _ in pieces} == {"words"}
    return "".join(data for _, data in pieces), last
