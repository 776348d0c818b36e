"""Runs a program whose threads are greenlets, in a process of its own; the servers stay in the test's."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

from tests.timing import SOON, scaled

REPOSITORY = Path(__file__).parents[2]


class PatchedProgram:
    """A program that begins with ``tests.gevent.patched``.

    Args:
        url: Where it finds the Live API.
        text: The rest of it.
        trusted: The file with the authorities that it trusts; None where there is no TLS.
    """

    def __init__(self, url, text, trusted=None):
        self._text = f"from tests.gevent.patched import *\n{textwrap.dedent(text)}\nend()\n"
        self._environment = {
            **os.environ,
            "GEMINI_API_KEY": "any",
            # A name, so that it has to be resolved.
            "GOOGLE_GEMINI_BASE_URL": url.replace("127.0.0.1", "localhost"),
            "GEVENT_MONITOR_THREAD_ENABLE": "true",
            "GEVENT_MAX_BLOCKING_TIME": str(scaled(1)),
            "SECONDS": str(SOON),
        }
        if trusted is not None:
            self._environment["REQUESTS_CA_BUNDLE"] = trusted

    def __enter__(self):
        self._process = subprocess.Popen(
            [sys.executable, "-B", "-X", "dev", "-W", "error", "-c", self._text],
            cwd=REPOSITORY,
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self._patience = threading.Timer(SOON * 5, self._kill)
        self._patience.start()
        return self

    def _kill(self):
        os.killpg(self._process.pid, signal.SIGKILL)

    def __exit__(self, kind, error, traceback):
        if error is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGABRT)
        output, complaints = self._process.communicate()
        self._patience.cancel()
        self._patience.join()
        if error is not None:
            print(output, complaints)
        else:
            assert (output, complaints, self._process.returncode) == ("end\n", "", 0), complaints

    def hear(self, words):
        """Waits for the program to say so."""
        assert self._process.stdout.readline().strip() == words

    def say(self, words):
        """Tells the program."""
        self._process.stdin.write(f"{words}\n")
        self._process.stdin.flush()
