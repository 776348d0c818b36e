"""Functions of the model under stress: many at once, cancellations that race, few workers, an early end."""

import random
import signal
import threading
import time

import pytest

from genai_live import AutomaticFunctionCalling, LiveCallbacks
from genai_live.runtime import WorkerPool
from genai_live.tools import ToolContext
from tests.service import (
    TURN_COMPLETE,
    Connections,
    answer_close,
    message,
    read_message,
    reconnecting,
    text,
)
from tests.timing import SOON, eventually, scaled
from tests.transport.connections import wait_until_writing

MANY = 100


def calls(ids):
    """A message that calls ``work`` so many times."""
    made = [{"name": "work", "args": {"number": int(call_id)}, "id": call_id} for call_id in ids]
    return message({"toolCall": {"functionCalls": made}})


def test_a_hundred_calls_with_random_cancellations():
    """Each is answered exactly once, but for those that were cancelled while they ran: these never."""
    seed = random.randrange(1_000_000)
    chance = random.Random(seed)
    ids = [str(number) for number in range(MANY)]
    cancelled = set(chance.sample(ids, 40))
    all_run, go_on = threading.Barrier(MANY + 1), threading.Event()
    answered = []

    def work(number: int, context: ToolContext) -> int:
        """Works."""
        all_run.wait(SOON)
        go_on.wait(SOON)
        return number

    def handler(peer):
        read_message(peer)
        for start in range(0, MANY, 10):
            peer.send(calls(ids[start : start + 10]))
        all_run.wait(SOON)
        for call_id in cancelled:
            peer.send(message({"toolCallCancellation": {"ids": [call_id]}}))
        peer.send(text("cancelled"))
        while len(answered) < MANY - len(cancelled):
            answered.extend(item["id"] for item in read_message(peer)["toolResponse"]["functionResponses"])
        peer.send(TURN_COMPLETE)
        answered.append(next(iter(read_message(peer))))
        answer_close(peer)

    def run(monkeypatch):
        monkeypatch.setattr(WorkerPool.__init__, "__defaults__", (MANY,))
        settings = AutomaticFunctionCalling(max_calls=MANY)
        config = {"tools": [work]}
        with reconnecting(
            Connections(handler), config=config, automatic_function_calling=settings
        ) as session:
            session.send_client_content(turns="Work!")
            reader = session.receive(timeout=SOON)
            next(item for item in reader if item.text == "cancelled")
            go_on.set()
            list(reader)
            session.send_realtime_input(text="the end")
            eventually(lambda: answered[-1:] == ["realtimeInput"])

    with pytest.MonkeyPatch.context() as monkeypatch:
        run(monkeypatch)
    assert sorted(answered[:-1]) == sorted(set(ids) - cancelled), f"seed {seed}"


def test_a_cancellation_that_comes_after_the_answer_changes_nothing():
    """The answer went out first: it is the one, and the function's token stays as it is."""
    tokens, seen = [], []

    def work(number: int, context: ToolContext) -> int:
        """Works."""
        tokens.append(context.cancel_token)
        return number

    def handler(peer):
        read_message(peer)
        peer.send(calls(["1"]))
        seen.append(read_message(peer))
        peer.send(message({"toolCallCancellation": {"ids": ["1"]}}) + text("Done.") + TURN_COMPLETE)
        answer_close(peer)

    with reconnecting(Connections(handler), config={"tools": [work]}) as session:
        assert session.ask("Work!", timeout=SOON).text == "Done."
        assert not tokens[0].cancelled
    assert len(seen) == 1


def test_a_cancellation_that_comes_while_the_answer_waits_to_be_written_wins():
    """The function has returned, but another message is still being written; then the call is cancelled."""
    uploads, returned, read_on, later = threading.Event(), threading.Event(), threading.Event(), []

    def work(number: int) -> int:
        """Works."""
        try:
            return number
        finally:
            returned.set()

    def handler(peer):
        assert uploads.wait(SOON)
        peer.send(calls(["1"]))
        assert returned.wait(SOON)
        peer.send(message({"toolCallCancellation": {"ids": ["1"]}}) + text("cancelled"))
        read_on.wait(SOON)
        later.extend(next(iter(read_message(peer))) for _ in range(2))
        answer_close(peer)

    with reconnecting(Connections(handler), config={"tools": [work]}) as session:
        uploading = threading.Thread(
            target=session.send_raw,
            args=({"clientContent": {"turns": [{"role": "user", "parts": [{"text": "x" * 12_000_000}]}]}},),
            kwargs={"timeout": SOON},
        )
        uploading.start()
        wait_until_writing(session.conn)
        uploads.set()
        next(item for item in session.messages(timeout=SOON) if item.text == "cancelled")
        read_on.set()
        uploading.join(SOON)
        session.send_realtime_input(text="next")
        eventually(lambda: len(later) == 2)
    assert later == ["clientContent", "realtimeInput"]


def test_a_callback_may_wait_for_a_function_with_one_worker_each(monkeypatch):
    """They run on workers of their own, so that neither keeps the other from running."""
    monkeypatch.setattr(WorkerPool.__init__, "__defaults__", (1,))
    worked, waited = threading.Event(), []

    def work(number: int) -> int:
        """Works."""
        worked.set()
        return number

    def on_message(session, item):
        if item.tool_call:
            waited.append(worked.wait(SOON))

    def handler(peer):
        read_message(peer)
        peer.send(calls(["1"]))
        read_message(peer)
        answer_close(peer)

    callbacks = LiveCallbacks(on_message=on_message)
    with reconnecting(Connections(handler), config={"tools": [work]}, callbacks=callbacks) as session:
        session.send_client_content(turns="Work!")
        eventually(lambda: waited)
    assert waited == [True]


@pytest.mark.main_thread
def test_ctrl_c_while_a_function_runs():
    """It is raised where the answer is waited for; leaving the block tells the function, and goes on."""
    begun, release, tokens = threading.Event(), threading.Event(), []

    def work(number: int, context: ToolContext) -> int:
        """Works."""
        tokens.append(context.cancel_token)
        begun.set()
        release.wait(SOON)
        return number

    def handler(peer):
        read_message(peer)
        peer.send(calls(["1"]))
        answer_close(peer)

    def interrupt(*arguments):
        raise KeyboardInterrupt

    previous = signal.signal(signal.SIGALRM, interrupt)
    started = time.monotonic()
    try:
        with pytest.raises(KeyboardInterrupt):
            with reconnecting(Connections(handler), config={"tools": [work]}) as session:
                signal.setitimer(signal.ITIMER_REAL, scaled(0.5))
                session.ask("Work!", timeout=None)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
        release.set()
    assert time.monotonic() - started < SOON
    assert begun.is_set()
    assert tokens[0].cancelled


def test_functions_that_hang_do_not_starve_those_that_come_later(monkeypatch):
    """Each is answered for after its timeout, though every worker is held up."""
    monkeypatch.setattr(WorkerPool.__init__, "__defaults__", (2,))
    release, seen = threading.Event(), []

    def work(number: int) -> int:
        """Works."""
        release.wait(SOON)
        return number

    def handler(peer):
        read_message(peer)
        peer.send(calls([str(number) for number in range(6)]))
        while len(seen) < 6:
            seen.extend(read_message(peer)["toolResponse"]["functionResponses"])
        peer.send(text("None of them.") + TURN_COMPLETE)
        answer_close(peer)

    settings = AutomaticFunctionCalling(timeout=scaled(0.3))
    config = {"tools": [work]}
    with reconnecting(Connections(handler), config=config, automatic_function_calling=settings) as session:
        assert session.ask("Work!", timeout=SOON).text == "None of them."
        release.set()
    assert {item["id"] for item in seen} == {str(number) for number in range(6)}
    assert all("did not finish within" in item["response"]["error"] for item in seen)
