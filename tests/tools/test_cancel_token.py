"""A function learns that nobody waits for its answer any more."""

import os
import signal
import threading
import warnings

import pytest

from genai_live import ToolError
from genai_live.tools import CancelToken
from tests.timing import SOON, scaled


def test_a_call_that_was_not_cancelled() -> None:
    """It goes on; waiting is a pause."""
    token = CancelToken()
    assert not token.cancelled
    assert token.reason == ""
    assert not token.wait(timeout=0)
    token.raise_if_cancelled()
    assert repr(token) == "<CancelToken not cancelled>"


def test_a_call_that_was_cancelled() -> None:
    """It is told why, and can be ended; the first reason stays."""
    token = CancelToken()
    token.cancel("the user interrupted")
    token.cancel("the session was closed")
    assert token.cancelled
    assert token.wait()
    assert token.reason == "the user interrupted"
    assert repr(token) == "<CancelToken cancelled: the user interrupted>"
    with pytest.raises(ToolError, match="^the call was cancelled: the user interrupted$"):
        token.raise_if_cancelled()


def test_a_pause_ends_when_it_is_cancelled() -> None:
    """In the thread that waits, whatever its timeout."""
    token = CancelToken()
    waits = threading.Barrier(2)
    results: list[bool] = []

    def work() -> None:
        waits.wait(SOON)
        results.append(token.wait(timeout=scaled(60)))

    thread = threading.Thread(target=work)
    thread.start()
    waits.wait(SOON)
    token.cancel("enough")
    thread.join(SOON)
    assert results == [True]


@pytest.mark.parametrize("cancelled", [False, True])
def test_in_a_forked_child(cancelled: bool) -> None:
    """What was cancelled stays so, and what was not can be."""
    token = CancelToken()
    if cancelled:
        token.cancel("enough")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # 3.12 warns of every fork in a threaded process
        child = os.fork()
    if child == 0:
        status = 1
        try:
            signal.alarm(int(SOON))
            was = token.cancelled
            token.cancel("in the child")
            status = int(was is not cancelled or not token.wait(0))
        finally:
            os._exit(status)
    assert os.waitpid(child, 0)[1] == 0
