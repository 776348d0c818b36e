"""However far a session has come, it can be closed with its client, or dropped, and nothing is left."""

import gc
import threading
import time
import weakref

import pytest

from genai_live import LiveCallbacks, State
from genai_live.runtime import pool
from tests.servers.stages import Stage
from tests.service import answer_close, conversing
from tests.timing import SOON, eventually, scaled

CONNECTING = ("dialling", "shaking_hands", "setting_up")
HELD = ("open", "sending", "leaving", "pausing", "dialling_again")
ENDING = ("closing", "closed")


def readers():
    """The reader threads that live."""
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("genai-live reader")]


def close_in_time(stage):
    """Closes the client, within its timeout; nothing is left of its sessions."""
    begun = time.monotonic()
    stage.client.close(timeout=scaled(1))
    assert time.monotonic() - begun < scaled(1.5)
    assert not readers()
    stage.join()


@pytest.mark.parametrize("state", [*CONNECTING, *HELD, *ENDING])
def test_a_client_closes_a_session(state):
    """Whatever the session waits for, it is closed, and whoever waits for it is told."""
    with Stage() as stage:
        session = getattr(stage, state)()
        close_in_time(stage)
        if session is not None:
            assert session.state is State.CLOSED
            assert session.close_code == 1000
        assert len(stage.ended) == (state in (*CONNECTING, "sending"))


def test_a_client_closes_sessions_in_every_state_at_once():
    """All of them within one timeout."""
    with Stage() as stage:
        sessions = [getattr(stage, state)() for state in (*CONNECTING, *HELD, *ENDING)]
        close_in_time(stage)
        assert {session.state for session in sessions if session is not None} == {State.CLOSED}
        assert len(stage.ended) == len(CONNECTING) + 1


@pytest.mark.parametrize("state", ["open", "leaving", "pausing", "dialling_again"])
def test_a_session_that_is_dropped(state):
    """Nobody holds it any more: a warning says so, and its thread ends soon, whatever it waits for."""
    with Stage() as stage:
        session = getattr(stage, state)()
        gone = weakref.ref(session)
        with pytest.warns(ResourceWarning, match="was dropped without close"):
            del session
            gc.collect()
        assert gone() is None
        eventually(lambda: not readers())


def test_a_session_ends_where_no_thread_can_be_started(monkeypatch):
    """Nobody can call on_close then: that is shown, and close() does not wait for it."""
    shown = []
    monkeypatch.setattr(threading, "excepthook", lambda arguments: shown.append(arguments.exc_value))
    monkeypatch.setattr(pool, "IDLE_SECONDS", 0.01)
    callbacks = LiveCallbacks(on_close=lambda session, code, reason: None)
    with conversing(answer_close, callbacks=callbacks) as session:
        eventually(lambda: not any("worker" in thread.name for thread in threading.enumerate()))
        threading.stack_size(1 << 46)  # more than there is
        try:
            begun = time.monotonic()
            session.close(timeout=SOON)
            assert time.monotonic() - begun < SOON / 2
        finally:
            threading.stack_size(0)
        assert session.state is State.CLOSED
        eventually(lambda: shown)
    assert "new thread" in str(shown[0])
