"""The program: runs the soak, compares, prints a table, and ends with 1 if anything is wrong."""

import argparse
import contextlib
import ctypes
import gc
import itertools
import multiprocessing
import os
import random
import ssl
import statistics
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import attrs

from genai_live import Client, State
from tests.soak import network, service
from tests.soak.accounts import problems_of, unaccounted
from tests.soak.figures import Row, counts, mebibytes, quantiles, table
from tests.soak.plan import plan_of
from tests.soak.readers import READERS
from tests.timing import SOON

_MAY_GROW = 4 * 2**20
"""Bytes that the process may grow by after its first fifth, without our notes: for holes in the heap. A leak
of 7 bytes a message, or of 1 KiB a reconnection, is found in ten minutes."""


_give_free_memory_back = getattr(ctypes.CDLL(None), "malloc_trim", lambda _: None)
"""Of glibc only, which has a heap for each of up to 8 threads a core, and keeps what is free in them."""


@attrs.define
class _Memory:
    """What the process holds, once a second."""

    samples: list[int] = attrs.Factory(list)

    def sample(self) -> None:
        _give_free_memory_back(0)
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        self.samples.append(pages * os.sysconf("SC_PAGE_SIZE"))

    def around(self, share: float) -> float:
        """The median of the samples about a part of the time."""
        middle, few = round(share * (len(self.samples) - 1)), max(1, len(self.samples) // 20)
        return statistics.median(self.samples[max(0, middle - few) : middle + few + 1])


@contextlib.contextmanager
def _process(run: Callable[..., None], *arguments: Any) -> Iterator[Connection]:
    """Another process, and what we tell it."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=run, args=(theirs, *arguments), daemon=True)
    process.start()
    theirs.close()
    try:
        yield ours
    finally:
        ours.close()
        process.join(SOON)
        process.terminate()


def _tell(connection: Connection, command: str) -> Any:
    connection.send(command)
    if not connection.poll(6 * SOON):
        raise TimeoutError(f"one of the other processes does not answer to {command!r}")
    return connection.recv()


def _left_behind(threads: set[threading.Thread], descriptors: int) -> list[str]:
    """Waits until the threads and descriptors are those of before; says which are not."""
    pause = threading.Event()
    until = time.monotonic() + 2 * SOON
    while True:
        gc.collect()
        extra = [thread.name for thread in threading.enumerate() if thread not in threads]
        count = len(os.listdir("/proc/self/fd")) - descriptors
        if not extra and count <= 0:
            return []
        if time.monotonic() > until:
            return [f"threads {extra} and {count} descriptors are left"]
        pause.wait(0.1)


class Soak:
    """One run.

    Args:
        seconds: How long there are faults.
        sessions: How many.
        seed: Of every decision.
    """

    def __init__(self, seconds: float, sessions: int, seed: int) -> None:
        self._seconds = seconds
        self._seed = seed
        self._memory = _Memory()
        self._talks = [READERS[plan.reading](plan, seed) for plan in map(plan_of, range(sessions))]
        self._left: list[str] = []

    def run(self) -> tuple[list[Row], list[str]]:
        """Returns the rows of the table, and the problems."""
        with _process(service.run, self._seed) as serving:
            port, authority = serving.recv()
            with _process(network.run, self._seed, len(self._talks), port) as connecting:
                ports = connecting.recv()
                cpu = time.process_time()
                self._converse(serving, connecting, ports, ssl.create_default_context(cadata=authority))
                cpu = time.process_time() - cpu
                reports = _tell(serving, "report"), _tell(connecting, "report")
        return self._rows(*reports, cpu), self._problems(*reports)

    def _converse(
        self, serving: Connection, connecting: Connection, ports: list[int], context: ssl.SSLContext
    ) -> None:
        gc.collect()
        threads, descriptors = set(threading.enumerate()), len(os.listdir("/proc/self/fd"))
        with (
            Client(api_key="a-key", ssl_context=context) as gemini,
            Client(api_key="a-key", vertexai=True, ssl_context=context) as vertex,
        ):
            self._memory.sample()
            for talk, port in zip(self._talks, ports, strict=True):
                talk.open(vertex if talk.plan.is_transparent else gemini, port)
            connecting.send("begin")
            self._wait()
            for talk in self._talks:
                talk.stop()
            _tell(serving, "calm")
            _tell(connecting, "calm")
            for talk in self._talks:
                talk.join()
            self._settle()
            for talk in self._talks:
                talk.close()
        self._left = _left_behind(threads, descriptors)

    def _wait(self) -> None:
        begun, pause = time.monotonic(), threading.Event()
        for second in itertools.count(1):
            pause.wait(max(0.0, begun + second - time.monotonic()))
            self._memory.sample()
            if second % 15 == 0 or second >= self._seconds:
                reconnections = sum(talk.session.stats.reconnections for talk in self._talks)
                problems = sum(len(talk.notes.problems) for talk in self._talks)
                held = mebibytes(self._memory.samples[-1])
                print(
                    f"{second} s: {reconnections} reconnections, {held} MiB, {problems} problems so far",
                    flush=True,
                )
            if second >= self._seconds:
                return

    def _settle(self) -> None:
        """Waits until every session is open: there are no more faults."""
        pause, until = threading.Event(), time.monotonic() + 3 * SOON
        while any(talk.session.state is not State.OPEN for talk in self._talks) and time.monotonic() < until:
            pause.wait(0.1)

    # -- what it came to -----------------------------------------------------------------------------------

    def _problems(self, serving: dict[str, Any], connecting: dict[str, Any]) -> list[str]:
        problems = [
            f"session {talk.plan.number} ({talk.plan.handles}, {talk.plan.reading}): {problem}"
            for talk in self._talks
            for problem in problems_of(
                talk.plan,
                talk.notes,
                serving["conversations"][talk.plan.number],
                connecting["struck_at"][talk.plan.number],
            )
        ]
        growth = self._memory.around(1) - self._memory.around(0.2) - self._notes_size
        if growth > _MAY_GROW:
            problems.append(f"the process grew by {mebibytes(growth)} MiB after its first fifth")
        return problems + serving["problems"] + self._left

    @property
    def _notes_size(self) -> int:
        return sum(talk.notes.size for talk in self._talks)

    def _rows(self, serving: dict[str, Any], connecting: dict[str, Any], cpu: float) -> list[Row]:
        notes = [talk.notes for talk in self._talks]
        stats = [note.stats for note in notes if note.stats is not None]
        turns: Counter[str] = sum((note.turns for note in notes), Counter())
        sends = Counter(returned for note in notes for returned in note.content.values())
        lost = sum(
            unaccounted(talk.plan, talk.notes, serving["conversations"][talk.plan.number])
            for talk in self._talks
            if talk.notes.stats is not None
        )
        resumptions = [seconds for note in notes for seconds in note.resumption_seconds]

        def total(name: str) -> str:
            return f"{sum(getattr(stat, name) for stat in stats):,}"

        return [
            ("sessions", f"{len(self._talks)}"),
            ("minutes", f"{self._seconds / 60:g}"),
            *counts("network", Counter(connecting["faults"])),
            *counts("service", Counter(serving["faults"])),
            ("reconnections", total("reconnections")),
            ("resumption, s: p50 / p95 / max", quantiles(resumptions)),
            *counts("turns", turns),
            ("messages up", total("messages_sent")),
            ("messages down", total("messages_received")),
            ("questions, contexts and responses: sent", f"{sends[True]:,}"),
            ("likewise: send raised, and nothing was sent", f"{sends[False]:,}"),
            ("likewise: reported in doubt", f"{sum(note.in_doubt.total() for note in notes):,}"),
            ("audio chunks: sent", f"{sum(note.chunks for note in notes):,}"),
            ("audio chunks: dropped", total("media_dropped")),
            ("audio chunks: reported in doubt", total("media_in_doubt")),
            ("audio chunks: of these, not arrived", f"{lost:,}"),
            ("CPU of the client, s", f"{cpu:.1f}"),
            ("CPU of the service and the network, s", f"{serving['cpu']:.1f}, {connecting['cpu']:.1f}"),
            (
                "memory at the start, after a fifth, at the end, MiB",
                " / ".join(mebibytes(self._memory.around(share)) for share in (0, 0.2, 1)),
            ),
            ("of it at the end, the notes of the soak, MiB", mebibytes(self._notes_size)),
        ]


def main() -> int:
    """Runs it as the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--sessions", type=int, default=50)
    parser.add_argument("--seed", type=int, default=None)
    arguments = parser.parse_args()
    seed = random.randrange(10**6) if arguments.seed is None else arguments.seed
    print(f"{arguments.sessions} sessions, {arguments.seconds:g} s, seed {seed}", flush=True)
    rows, problems = Soak(arguments.seconds, arguments.sessions, seed).run()
    print(table(rows))
    for problem in problems:
        print(f"PROBLEM: {problem}")
    print(f"{len(problems)} problems, seed {seed}" if problems else "every message is accounted for")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
