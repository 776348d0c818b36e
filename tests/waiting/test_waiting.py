"""Deadlines, wake-ups and calls that cannot be cancelled."""

import socket
import threading
import time
from pathlib import Path

import pytest

from genai_live.errors import ConfigurationError, LiveTimeout
from genai_live.waiting import Deadline, Interrupted, SharedCalls, Wakeup, seconds
from genai_live.waiting.wakeup import Readiness
from tests.timing import SOON, eventually


@pytest.fixture
def wakeup():
    """A wake-up that is closed at the end."""
    item = Wakeup()
    yield item
    item.close()


def test_a_deadline_counts_down_and_stops_at_nothing():
    """The remaining time falls, and is never negative."""
    deadline = Deadline(0.02)
    first = deadline.remaining()
    assert 0 < first <= 0.02
    eventually(lambda: deadline.expired)
    assert deadline.remaining() == 0.0
    assert Deadline(None).remaining() is None
    assert not Deadline(None).expired
    assert Deadline(None).for_lock() == -1


def test_the_sooner_deadline():
    """Of two limits the earlier one counts; no limit is the latest of all."""
    assert Deadline(None).sooner(1.0).remaining() <= 1.0
    assert Deadline(5.0).sooner(Deadline(None)).remaining() > 4
    assert Deadline(5.0).sooner(1.0).remaining() <= 1.0
    assert Deadline(1.0).sooner(5.0).remaining() <= 1.0


@pytest.mark.parametrize("wrong", [-1, float("nan"), "5", True, [1]])
def test_a_timeout_is_seconds(wrong):
    """What is no number of seconds is refused by name."""
    with pytest.raises(ConfigurationError, match="timeout: expected"):
        seconds(wrong)


@pytest.mark.parametrize("long", [2**31, 1e9, 1e12, 10**400])
def test_a_very_long_timeout_is_no_overflow(long, wakeup):
    """Nothing that waits minds how long."""
    wakeup.set()
    deadline = Deadline(seconds(long))
    assert wakeup.wait(deadline)
    lock = threading.Lock()
    assert lock.acquire(timeout=deadline.for_lock())
    assert threading.Condition().wait_for(lambda: True, deadline.remaining())


def test_infinite_seconds_are_no_limit():
    """inf and None mean the same."""
    assert seconds(float("inf")) is None
    assert seconds(None) is None
    assert seconds(3) == 3.0


def test_a_wakeup_is_seen_once(wakeup):
    """Set any number of times, it ends one wait."""
    for _ in range(3):
        wakeup.set()
    assert wakeup.wait(Deadline(SOON))
    assert not wakeup.wait(Deadline(0.01))


def test_a_closed_wakeup_can_be_set(wakeup):
    """A late set must not write into a descriptor that is somebody else's by now."""
    wakeup.close()
    wakeup.set()
    wakeup.interrupt()
    wakeup.close()


def test_a_pipe_serves_where_there_is_no_eventfd(monkeypatch):
    """The same on systems without eventfd."""
    monkeypatch.delattr("os.eventfd")
    piped = Wakeup()
    for _ in range(100_000):
        piped.set()
    assert piped.wait(Deadline(SOON))
    while piped.wait(Deadline(0)):
        pass
    piped.close()


def _call(calls, function, wakeup, *, timeout=SOON, key="key"):
    return calls.run(key, function, what="a call", deadline=Deadline(timeout), wakeup=wakeup)


def test_a_shared_call_returns_or_raises_what_the_function_does(wakeup):
    """The result and the exception come through."""
    calls = SharedCalls()
    assert _call(calls, lambda: 5, wakeup) == 5
    with pytest.raises(ZeroDivisionError):
        _call(calls, lambda: 1 / 0, wakeup)


def test_callers_with_one_key_share_one_call():
    """Many sessions that refresh one credential make one request."""
    calls, release, count = SharedCalls(), threading.Event(), []

    def function():
        count.append(threading.current_thread().daemon)
        release.wait(SOON)
        return "token"

    results = []

    def caller():
        own = Wakeup()
        results.append(_call(calls, function, own))
        own.close()

    threads = [threading.Thread(target=caller) for _ in range(5)]
    for thread in threads:
        thread.start()
    eventually(lambda: [len(call.waiters) for call in calls._running.values()] == [5])
    release.set()
    for thread in threads:
        thread.join(SOON)
    assert results == ["token"] * 5
    assert count == [True]


def test_a_caller_leaves_at_its_deadline_and_the_next_one_joins(wakeup):
    """The call goes on; whoever comes later shares it."""
    calls, release, count = SharedCalls(), threading.Event(), []

    def function():
        count.append(1)
        release.wait(SOON)
        return "late"

    with pytest.raises(LiveTimeout, match="a call: no result before the deadline"):
        _call(calls, function, wakeup, timeout=0.02)
    threading.Timer(0.02, release.set).start()
    assert _call(calls, function, wakeup) == "late"
    assert count == [1]


def test_a_caller_can_be_interrupted(wakeup):
    """Closing a session does not wait for its credentials."""
    calls, release = SharedCalls(), threading.Event()
    threading.Timer(0.02, wakeup.interrupt).start()
    begun = time.monotonic()
    with pytest.raises(Interrupted):
        _call(calls, lambda: release.wait(SOON), wakeup, timeout=None)
    assert time.monotonic() - begun < SOON / 2
    release.set()


# -- two threads that wait for one socket --------------------------------------------------------------------


@pytest.mark.skipif(not Readiness.available, reason="no EPOLLEXCLUSIVE on this system")
class TestReadiness:
    """Waiting at two places, of which the first is asked first."""

    @pytest.fixture
    def waiting(self, wakeup):
        """Has threads wait at places; each says what it was told, at the end."""
        ours, theirs = socket.socketpair()
        readiness = Readiness(ours.fileno(), wakeup, places=2)
        told, threads = {}, []

        def wait_at(place):
            def wait():
                told[place] = readiness.wait(place, Deadline(SOON))

            thread = threading.Thread(target=wait)
            thread.start()
            threads.append(thread)
            where = Path(f"/proc/self/task/{thread.native_id}/wchan")
            eventually(lambda: "epoll" in where.read_text() or "ep_poll" in where.read_text())

        def look_at(place):
            return readiness.wait(place, Deadline(0))

        yield wait_at, look_at, told, ours, theirs
        wakeup.set()
        for thread in threads:
            thread.join(SOON)
        readiness.close()
        ours.close()
        theirs.close()

    def test_what_comes_wakes_the_first_place_only(self, waiting):
        """The other one never learns of it: who is woken has to read, or to wake the other one."""
        wait_at, _, told, _, theirs = waiting
        wait_at(1)
        wait_at(0)
        theirs.send(b"x")
        eventually(lambda: told == {0: (True, False)})
        assert not threading.Event().wait(0.02)
        assert told == {0: (True, False)}

    def test_what_comes_while_nobody_is_at_the_first_place_wakes_the_second(self, waiting):
        """Whether or not somebody was there before."""
        wait_at, look_at, told, ours, theirs = waiting
        for _ in range(3):
            assert look_at(0) == (False, False)
            wait_at(1)
            theirs.send(b"x")
            eventually(lambda: told == {1: (True, False)})
            told.clear()
            assert look_at(0) == (True, False)
            ours.recv(1)
            assert look_at(0) == (False, False)

    def test_a_wake_up_is_for_all(self, waiting, wakeup):
        """It ends every wait until it is cleared."""
        wait_at, _, told, _, _ = waiting
        wait_at(0)
        wait_at(1)
        wakeup.set()
        eventually(lambda: told == {0: (False, True), 1: (False, True)})

    def test_the_end_of_the_connection_is_for_all(self, waiting):
        """Both find it readable, so that whoever reads learns of it."""
        wait_at, _, told, _, theirs = waiting
        wait_at(0)
        wait_at(1)
        theirs.close()
        eventually(lambda: told == {0: (True, False), 1: (True, False)})
