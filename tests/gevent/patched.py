"""What each patched program begins with; it runs in a process of its own. Import it first of all: it patches.

Its ticker shows that other greenlets have their turn, and gevent's own monitor complains on stderr when one
of them keeps the others from it for longer than ``GEVENT_MAX_BLOCKING_TIME``.
"""

# ruff: noqa: E402
from gevent import monkey

monkey.patch_all()

import os
import sys
import threading

import gevent
from gevent.fileobject import FileObject

from genai_live import Client

MODEL = "gemini-2.0-flash-live-001"
SECONDS = float(os.environ["SECONDS"])

client = Client()
_heard = FileObject(sys.stdin.fileno(), "r", closefd=False)


def say(words):
    """Tells the test."""
    print(words, flush=True)


def hear(words):
    """Waits for the test to say so."""
    line = _heard.readline().strip()
    assert line == words, line


class Ticker:
    """A greenlet that does nothing but have its turn."""

    def __init__(self):
        self._turns = 0
        gevent.spawn(self._tick)

    def _tick(self):
        while True:
            gevent.sleep(0.005)
            self._turns += 1

    def wait(self, turns=10):
        """Returns when it has had so many more."""
        until = self._turns + turns
        while self._turns < until:
            gevent.sleep(0.005)


ticker = Ticker()


def in_greenlets(function, arguments):
    """Calls it with each argument, all at once; raises what one of them raises."""
    greenlets = [gevent.spawn(function, argument) for argument in arguments]
    gevent.joinall(greenlets, raise_error=True, timeout=SECONDS)
    assert all(greenlet.ready() for greenlet in greenlets)


def others_run_while(function):
    """Calls it, and has the ticker tick before it returns. Returns a function that waits for the result."""
    greenlet = gevent.spawn(function)
    ticker.wait()
    assert not greenlet.ready(), greenlet
    return lambda: greenlet.get(timeout=SECONDS)


def end():
    """Closes the client, and looks for what is left behind."""
    client.close()
    gevent.sleep(0.01)  # gevent closes descriptors when the loop comes round
    left = [thread for thread in threading.enumerate() if thread.name.startswith("genai-live")]
    assert not left, left
    sockets = [name for name in map(target, os.listdir("/proc/self/fd")) if name.startswith("socket:")]
    assert not sockets, sockets
    say("end")


def target(descriptor):
    """What a descriptor of this process is."""
    try:
        return os.readlink(f"/proc/self/fd/{descriptor}")
    except FileNotFoundError:
        return ""
