"""Sessions in the life of a process: dropped, forked, interrupted, and left open at its exit."""

import gc
import signal
import subprocess
import sys
import textwrap
import threading
import time
import warnings

import pytest

from genai_live import Client, LiveCallbacks, State, StateError
from genai_live.emulator import Emulator
from tests.child import in_child
from tests.raw_server import CLOSE, frame
from tests.service import MODEL, accept_setup, answer_close, conversing, service
from tests.timing import SOON, scaled

WRITER = "gemini-2.0-flash-live-001"
"""A model that answers in text."""


def test_a_dropped_session_is_closed_and_warned_of():
    """Nobody holds it: a ResourceWarning says so, and the server gets a close frame."""
    closed = threading.Event()

    def handle(peer):
        accept_setup(peer)
        received = peer.read_frame()
        assert received.opcode == CLOSE
        closed.set()
        peer.send(frame(CLOSE, received.payload))

    with service(handle) as client:
        session = client.live.connect(model=MODEL, timeout=SOON)
        with pytest.warns(ResourceWarning, match="<Session open> was dropped without close"):
            del session
            gc.collect()
        assert closed.wait(SOON)


def test_an_iterator_keeps_its_session():
    """``for message in client.live.connect(…)`` does not lose its session."""

    def handle(peer):
        accept_setup(peer)
        answer_close(peer)

    with service(handle) as client, warnings.catch_warnings():
        warnings.simplefilter("error")
        messages = client.live.connect(model=MODEL, timeout=SOON).messages(timeout=0)
        gc.collect()
        with pytest.raises(TimeoutError):
            next(messages)
        client.close()


@pytest.mark.main_thread
def test_ctrl_c_interrupts_connect_and_leaves_nothing():
    """A KeyboardInterrupt in connect() is raised at once; the reader thread ends with it."""

    def interrupt(*arguments):
        raise KeyboardInterrupt

    with service(lambda peer: peer.wait_until_told()) as client:
        previous = signal.signal(signal.SIGALRM, interrupt)
        try:
            begun = time.monotonic()
            with pytest.raises(KeyboardInterrupt):
                signal.setitimer(signal.ITIMER_REAL, scaled(0.2))
                client.live.connect(model=MODEL, timeout=None)
            assert time.monotonic() - begun < SOON / 2
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, previous)


@pytest.mark.main_thread
def test_ctrl_c_interrupts_receive():
    """A wait for a message without a timeout can be interrupted."""

    def interrupt(*arguments):
        raise KeyboardInterrupt

    with conversing(answer_close) as session:
        previous = signal.signal(signal.SIGALRM, interrupt)
        try:
            with pytest.raises(KeyboardInterrupt):
                signal.setitimer(signal.ITIMER_REAL, scaled(0.2))
                next(session.messages())
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, previous)


def test_a_client_works_in_a_forked_child_and_the_parents_session_goes_on():
    """The child makes its own connection; the inherited session raises there, and is untouched here."""
    with Emulator(time_scale=0) as emulator:
        with Client(api_key="k", http_options={"base_url": emulator.url}) as client:
            with client.live.connect(model=WRITER) as session:
                assert session.ask("before", timeout=SOON).text == "before"

                def check():
                    outcomes = [session.state.value]
                    for use in (
                        lambda: session.ask("x", timeout=SOON),
                        lambda: next(session.receive(timeout=SOON)),
                        lambda: session.send_realtime_input(text="x"),
                    ):
                        try:
                            use()
                        except StateError as error:
                            outcomes.append("forked" in str(error))
                    session.close()
                    with client.live.connect(model=WRITER) as own:
                        outcomes.append(own.ask("in the child", timeout=SOON).text)
                    client.close()
                    return repr(outcomes)

                assert in_child(check) == "['closed', True, True, True, 'in the child']"
                assert session.ask("after", timeout=SOON).text == "after"
                assert session.state is State.OPEN


def test_fork_while_other_threads_send_and_receive():
    """Whatever locks are held at the fork, the child can use the client."""
    with Emulator(time_scale=0) as emulator:
        with Client(api_key="k", http_options={"base_url": emulator.url}) as client:
            stop = threading.Event()

            def talk():
                with client.live.connect(model=WRITER) as session:
                    while not stop.is_set():
                        session.ask("busy", timeout=SOON)

            threads = [threading.Thread(target=talk) for _ in range(3)]
            for thread in threads:
                thread.start()

            def check():
                with client.live.connect(model=WRITER, timeout=SOON) as own:
                    return own.ask("child", timeout=SOON).text

            reports = [in_child(check) for _ in range(10)]
            stop.set()
            for thread in threads:
                thread.join(SOON)
            assert reports == ["child"] * 10


@pytest.mark.parametrize("callbacks", [False, True])
def test_an_open_session_does_not_hold_up_the_exit(callbacks):
    """A program that just ends, with sessions open and a callback running, ends."""
    program = f"""
        import threading
        from genai_live import Client, LiveCallbacks
        from genai_live.emulator import Emulator
        emulator = Emulator(time_scale=0)
        emulator.start()
        client = Client(api_key="k", http_options={{"base_url": emulator.url}})
        opened = threading.Event()
        def on_open(session):
            opened.set()
            threading.Event().wait()
        callbacks = LiveCallbacks(on_open=on_open) if {callbacks} else None
        session = client.live.connect(model="gemini-3.8-live", callbacks=callbacks)
        assert not {callbacks} or opened.wait(10)
        print("end")
    """
    result = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        capture_output=True,
        text=True,
        timeout=SOON * 2,
        check=False,
    )
    assert (result.stdout.strip(), result.returncode) == ("end", 0), result.stderr


def test_hundreds_of_sessions_leave_nothing():
    """Opening and closing many sessions, some at once, leaves no thread and no descriptor (see conftest)."""
    with Emulator(time_scale=0) as emulator:
        with Client(api_key="k", http_options={"base_url": emulator.url}) as client:

            def some():
                for _ in range(25):
                    with client.live.connect(
                        model=MODEL, callbacks=LiveCallbacks(on_close=lambda *arguments: None)
                    ) as session:
                        session.ask("x", timeout=SOON)

            threads = [threading.Thread(target=some) for _ in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(SOON * 3)
    assert len(emulator.connections) == 200
