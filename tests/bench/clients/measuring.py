"""What the clients in Python share: clocks, memory, a thread that burns CPU, how to run a scenario."""

from __future__ import annotations

import contextlib
import json
import os
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

Figures = dict[str, float]
"""What a scenario measures, by name."""

CHUNK = bytes(3200)
"""100 ms of the user's voice: 16 kHz, 16 bits, mono."""

CHUNK_SECONDS = 0.1
WARM_UP_SECONDS = 1.0
TIMEOUT = 60.0
"""Longer than any step takes."""


def run(scenarios: dict[str, Callable[..., Figures]]) -> None:
    """Runs the scenario of the command line: its name, the server's port, and its arguments as JSON.

    With the argument ``in_thread`` it runs in another thread than the main one.
    """
    name, port, text = sys.argv[1:]
    arguments = json.loads(text)
    if not arguments.pop("in_thread", False):
        figures = scenarios[name](int(port), **arguments)
    else:
        with ThreadPoolExecutor(1) as pool:
            figures = pool.submit(scenarios[name], int(port), **arguments).result()
    print(json.dumps(figures))


class Stopwatch:
    """Counts the CPU time of the whole process, and the time that passes."""

    def __init__(self) -> None:
        self._cpu, self._wall = time.process_time(), time.perf_counter()

    def cpu_microseconds(self, count: int) -> float:
        """CPU time of one of so many things."""
        return (time.process_time() - self._cpu) / count * 1e6

    def milliseconds(self) -> float:
        """The time that passed."""
        return (time.perf_counter() - self._wall) * 1e3

    def core_share(self) -> float:
        """How much of one core the process took."""
        return (time.process_time() - self._cpu) / (time.perf_counter() - self._wall)


def size_of(message: Any) -> int:
    """The bytes of audio, or the letters of text, in a message of either SDK: they name fields alike."""
    content = message.server_content
    if content is None:
        return 0
    if content.model_turn:
        return sum(len(part.inline_data.data) for part in content.model_turn.parts)
    return len(content.output_transcription.text) if content.output_transcription else 0


def check_all_came(received: int, model: str) -> None:
    """Fails where not all of a flood was read: a figure for less would be none."""
    size, count = (int(number) for number in model.split("-")[-2:])
    if received != size * count:
        raise RuntimeError(f"{received} bytes came in place of {size * count}")


def turn_figures(seconds: Sequence[float]) -> Figures:
    """The microseconds that half of the turns stay below, and 95 % of them."""
    cuts = statistics.quantiles(seconds, n=20)
    return {"p50": cuts[9] * 1e6, "p95": cuts[18] * 1e6}


def connect_figures(milliseconds: Sequence[float]) -> Figures:
    """The first connect, and the median of the others."""
    first, *later = milliseconds
    return {"first": first, "later": statistics.median(later)}


def messages_of(model: str, sessions: int, seconds: float) -> float:
    """How many messages voices exchange with such a model, in both directions."""
    down = int(model.rpartition("-")[2])
    return sessions * seconds * (down + 1 / CHUNK_SECONDS)


def voice_figures(stopwatch: Stopwatch, sessions: int, messages: int, expected: float) -> Figures:
    """What a message in either direction costs, how many sessions would fill one core, and who keeps up."""
    return {
        "cpu": stopwatch.cpu_microseconds(messages),
        "sessions": sessions / stopwatch.core_share(),
        "kept": messages / expected,
    }


@contextlib.contextmanager
def burning(burn: bool) -> Iterator[None]:
    """Another thread computes in pure Python, and gives way only when the interpreter makes it."""
    stop = threading.Event()

    def compute() -> None:
        while not stop.is_set():
            sum(number for number in range(10_000))

    thread = threading.Thread(target=compute)
    if burn:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        if burn:
            thread.join()


class Memory:
    """What the process holds in memory."""

    SECONDS = 0.1
    """To wait between two looks."""

    def __init__(self) -> None:
        self._samples: list[float] = []

    def is_steady(self) -> bool:
        """Whether it has not grown for a while: what is to come has come. Ask every ``SECONDS``."""
        self._samples.append(self.kibibytes())
        return len(self._samples) > 5 and self._samples[-1] - self._samples[-6] < 64

    @staticmethod
    def kibibytes() -> float:
        """The resident set."""
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1024
