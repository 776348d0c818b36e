"""The client's worker threads.

They are daemons of our own: ThreadPoolExecutor holds the interpreter's exit for a running job (measured on
3.10 to 3.13), and a callback may run for ever.
"""

from __future__ import annotations

import sys
import threading
from collections import deque
from collections.abc import Callable

from genai_live import forking
from genai_live.waiting import Deadline

IDLE_SECONDS = 10.0
"""How long a worker waits for its next job before it ends; it is started anew when there is one."""


class WorkerPool:
    """Runs jobs on threads that are started when they are needed.

    Args:
        name: The beginning of the threads' names.
        max_workers: At most so many jobs run at once; the others wait their turn.
    """

    def __init__(self, name: str, max_workers: int = 32) -> None:
        self._name = name
        self._max_workers = max_workers
        self._reset()
        forking.register(self)

    def _reset(self) -> None:
        self._changed = threading.Condition(threading.Lock())
        self._jobs: deque[Callable[[], None]] = deque()
        self._workers: set[threading.Thread] = set()
        self._idle = 0
        self._started = 0
        self._closed = False

    def submit(self, job: Callable[[], None], *, urgent: bool = False) -> None:
        """Has the job run soon, on some worker. What it raises goes to ``threading.excepthook``.

        A closed pool still takes jobs, so that the last callbacks of a session that ends late are not lost.

        Args:
            job: What to run.
            urgent: Run it first, and on a worker beyond the limit where none is free.
        """
        with self._changed:
            if urgent:
                self._jobs.appendleft(job)
            else:
                self._jobs.append(job)
            is_full = len(self._workers) >= self._max_workers and not urgent
            if self._idle >= len(self._jobs) or is_full:
                self._changed.notify()
                return
            self._started += 1
            worker = threading.Thread(target=self._work, name=f"{self._name} {self._started}", daemon=True)
            # Under the lock, so that close() finds only threads that can be joined. The new thread takes the
            # lock when it has begun, which is all that start() waits for.
            worker.start()
            self._workers.add(worker)

    def _work(self) -> None:
        try:
            while (job := self._next_job()) is not None:
                try:
                    job()
                except BaseException:  # a job's own, a SystemExit too: it must not take the worker along
                    arguments = (*sys.exc_info(), threading.current_thread())
                    threading.excepthook(threading.ExceptHookArgs(arguments))
                del job
        finally:
            with self._changed:
                self._workers.discard(threading.current_thread())
                self._changed.notify_all()

    def _next_job(self) -> Callable[[], None] | None:
        with self._changed:
            self._idle += 1
            try:
                self._changed.wait_for(lambda: self._jobs or self._closed, IDLE_SECONDS)
            finally:
                self._idle -= 1
            return self._jobs.popleft() if self._jobs else None

    def close(self, timeout: float | None) -> bool:
        """Lets the jobs that were submitted run, and waits for the workers to end.

        Returns:
            Whether all have ended. A job that is still running is left alone: it runs on a daemon thread.
        """
        deadline = Deadline(timeout)
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            workers = self._workers - {threading.current_thread()}
        for worker in workers:
            worker.join(deadline.remaining())
        return not any(worker.is_alive() for worker in workers)

    def after_fork_in_child(self) -> None:
        """The workers stayed in the parent; new ones start when needed."""
        closed = self._closed
        self._reset()
        self._closed = closed
