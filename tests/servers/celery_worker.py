"""The Celery program of these tests under a worker, and who sends it tasks."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from celery import Celery

from tests.servers.trust import write_authorities
from tests.timing import SOON, scaled

PROGRAMS = Path(__file__).parent / "programs"
KEY = "a-secret-key"
ENDS = scaled(30)
"""Long enough for a worker to end on a busy machine."""


class Worker:
    """A Celery worker, whose tasks ask an emulator over TLS; and who sends it tasks.

    Args:
        emulator: Where it finds the Live API.
        folder: An empty one.
        serializer: What results are written with.
        pool: What tasks run in, and how many of these.
    """

    def __init__(self, emulator, folder, serializer="pickle", pool=("prefork", 2)):
        self._folder = folder
        self._pool = pool
        self._is_told = False
        for name in ("control", "queue", "results"):
            (folder / name).mkdir()
        self._environment = {
            **os.environ,
            "FOLDER": str(folder),
            "GEMINI_API_KEY": KEY,
            "GOOGLE_GEMINI_BASE_URL": emulator.url,
            "REQUESTS_CA_BUNDLE": write_authorities(emulator.ssl_context, folder / "authorities.pem"),
            "RESULT_SERIALIZER": serializer,
            "SECONDS": str(SOON * 2),
        }
        self._application = Celery(broker="filesystem://", backend=f"file://{folder / 'results'}")
        self._application.conf.update(
            accept_content=["json", serializer],
            broker_transport_options={
                "control_folder": str(folder / "control"),
                "data_folder_in": str(folder / "queue"),
                "data_folder_out": str(folder / "queue"),
            },
            result_serializer=serializer,
        )

    def __enter__(self):
        command = [sys.executable, "-B", "-X", "dev", "-m", "celery", "--app", "celery_program", "worker"]
        kind, number = self._pool
        command += ["--pool", kind, "--concurrency", str(number), "--loglevel", "INFO"]
        with open(self._folder / "log", "ab") as log:
            self._process = subprocess.Popen(
                command,
                cwd=PROGRAMS,
                env=self._environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        return self

    def __exit__(self, kind, error, traceback):
        log = self._folder / "log"
        try:
            self.terminate()
            exit_code = self._process.wait(ENDS)
            if error is None:
                assert exit_code == 0
                assert KEY not in log.read_text()
                assert "dropped without close()" not in log.read_text()
        finally:
            if self._process.poll() is None:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()
            if error is not None:
                print(log.read_text())
            self._application.close()

    def send(self, task, *arguments):
        """Puts a task into the queue."""
        return self._application.send_task(f"celery_program.{task}", arguments)

    def run(self, task, *arguments):
        """Has a task run, and returns its result or raises its exception."""
        return result_of(self.send(task, *arguments))

    def terminate(self):
        """Asks for a warm shutdown, once."""
        if not self._is_told:
            self._process.terminate()
        self._is_told = True

    @property
    def journal(self):
        """What the main process has written: who, and what."""
        return [line.split(" ", 1) for line in (self._folder / "journal").read_text().splitlines()]


def result_of(sent):
    """The result of a task, when it is there; or its exception."""
    return sent.get(timeout=SOON * 2, interval=0.02)


def wait_for_closes(emulator):
    """Wait until all sessions have ended, and all of them by a close frame of the client."""
    emulator.wait_until(lambda: all(each.closed_by for each in emulator.connections), timeout=SOON)
    assert {each.closed_by for each in emulator.connections} == {"client"}
    assert {each.close_code for each in emulator.connections} <= {1000, 4000}
