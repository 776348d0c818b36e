"""Fixtures for all tests: nothing may be left behind."""

import contextlib
import gc
import os
import threading
from collections import Counter
from pathlib import Path

import pytest

from tests.timing import eventually

_OPEN = Path("/proc/self/fd")


def _threads() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if thread.is_alive()}


def _descriptors() -> Counter[str]:
    """What is open, by kind: a number may be taken again by something else."""
    kinds: Counter[str] = Counter()
    for entry in _OPEN.iterdir() if _OPEN.is_dir() else ():
        try:
            target = os.readlink(entry)
        except FileNotFoundError:
            continue
        if target.startswith(("socket:", "anon_inode:[event", "pipe:")):
            kinds[target.partition("[")[0]] += 1
    return kinds


def _left(threads: set[threading.Thread], descriptors: Counter[str]) -> str:
    extra_threads = [thread.name for thread in _threads() - threads]
    extra_descriptors = _descriptors() - descriptors
    return (
        f"threads {extra_threads}, descriptors {dict(extra_descriptors)}"
        if (extra_threads or extra_descriptors)
        else ""
    )


@pytest.fixture(autouse=True)
def _leaves_nothing_behind(request: pytest.FixtureRequest):
    """Fails a test after which a thread, socket or wake-up descriptor is left."""
    threads, descriptors = _threads(), _descriptors()
    yield
    if _left(threads, descriptors):
        gc.collect()  # only then, as it takes longer than most tests
        with contextlib.suppress(AssertionError):
            eventually(lambda: not _left(threads, descriptors))
    left = _left(threads, descriptors)
    assert not left, f"the test left behind: {left}"


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch):
    """No key, address or proxy of the machine reaches a test."""
    for name in list(os.environ):
        upper = name.upper()
        if upper.startswith(("GOOGLE_", "GEMINI_")) or upper.endswith(("_PROXY", "CA_BUNDLE")):
            monkeypatch.delenv(name)
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
