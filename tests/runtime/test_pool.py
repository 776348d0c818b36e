"""The workers: started when needed, daemons, and gone after close."""

import threading

from genai_live.runtime import WorkerPool, pool
from tests.timing import SOON, eventually


def test_jobs_run_at_once_up_to_the_limit():
    """As many jobs run together as there may be workers; the next waits for one of them."""
    workers = WorkerPool("test", max_workers=3)
    together, release, extra = threading.Barrier(4), threading.Event(), threading.Event()

    def job():
        together.wait(SOON)
        release.wait(SOON)

    for _ in range(3):
        workers.submit(job)
    workers.submit(extra.set)
    together.wait(SOON)
    assert not extra.wait(0.05)
    release.set()
    assert extra.wait(SOON)
    assert workers.close(SOON)


def test_an_idle_worker_is_used_again():
    """Jobs one after another need one thread."""
    workers, names = WorkerPool("test"), set()
    for _ in range(20):
        done = threading.Event()
        workers.submit(lambda done=done: (names.add(threading.current_thread().name), done.set()))
        assert done.wait(SOON)
        eventually(lambda: workers._idle > 0)
    assert names == {"test 1"}
    assert workers.close(SOON)


def test_a_job_that_raises_is_shown_and_takes_no_worker_along(monkeypatch):
    """Also a SystemExit goes to the excepthook; the next job still runs."""
    hooked = []
    monkeypatch.setattr(threading, "excepthook", lambda arguments: hooked.append(arguments.exc_type))
    workers, done = WorkerPool("test", max_workers=1), threading.Event()

    def leave():
        raise SystemExit

    workers.submit(leave)
    workers.submit(done.set)
    assert done.wait(SOON)
    assert hooked == [SystemExit]
    assert workers.close(SOON)


def test_close_runs_what_was_submitted_and_takes_late_jobs():
    """No last callback is lost to a close."""
    workers, ran = WorkerPool("test", max_workers=1), []
    for number in range(10):
        workers.submit(lambda number=number: ran.append(number))
    assert workers.close(SOON)
    assert ran == list(range(10))
    late = threading.Event()
    workers.submit(late.set)
    assert late.wait(SOON)
    assert workers.close(SOON)


def test_close_does_not_wait_for_a_stuck_job():
    """A job that never ends is left to its daemon thread."""
    workers, release = WorkerPool("test"), threading.Event()
    workers.submit(lambda: release.wait(SOON))
    assert not workers.close(0.05)
    release.set()
    assert workers.close(SOON)


def test_workers_end_when_they_are_idle(monkeypatch):
    """A client that is forgotten keeps no threads."""
    monkeypatch.setattr(pool, "IDLE_SECONDS", 0.01)
    workers, done = WorkerPool("test"), threading.Event()
    workers.submit(done.set)
    assert done.wait(SOON)
    eventually(lambda: not workers._workers)


def test_close_from_one_of_its_own_jobs():
    """A callback may close the client."""
    workers, outcome = WorkerPool("test"), []
    done = threading.Event()

    def job():
        outcome.append(workers.close(SOON))
        done.set()

    workers.submit(job)
    assert done.wait(SOON)
    assert outcome == [True]
    assert workers.close(SOON)


def test_close_while_workers_are_being_started():
    """A close that comes at the same time as the first job of a worker waits for that worker."""
    for _ in range(200):
        workers, ran = WorkerPool("test"), []
        submitter = threading.Thread(target=workers.submit, args=(lambda ran=ran: ran.append(1),))
        submitter.start()
        workers.close(SOON)
        submitter.join(SOON)
        assert workers.close(SOON)
        assert ran == [1]
