"""A client in the tasks of a Celery worker that forks its processes."""

import pytest

from genai_live import ConfigurationError, ConnectionClosedOK, TurnTimeout
from genai_live.emulator import Emulator
from genai_live.types import Turn
from tests.servers.celery_worker import Worker, result_of, wait_for_closes
from tests.timing import eventually


def test_tasks_share_a_client_that_was_busy_when_their_processes_were_forked(tmp_path):
    """Tasks of both processes get their own answers, and the main process's conversation goes on."""
    with Emulator(tls=True, time_scale=0) as emulator:
        with Worker(emulator, tmp_path) as worker:
            questions = [f"Is it raining in city {number}?" for number in range(20)]
            sent = [
                worker.send("ask_with_callbacks" if number % 2 else "ask", question)
                for number, question in enumerate(questions)
            ]
            results = [result_of(each) for each in sent]
            answered = len(worker.journal)
            eventually(lambda: len(worker.journal) > answered + 5)
            assert emulator.connections[0].closed_by is None
        wait_for_closes(emulator)
    assert [answer for _, answer in results] == questions
    processes, said = zip(*worker.journal, strict=True)
    assert set(said) == {"before the fork", "after the fork"}
    assert len(set(processes)) == 1
    children = {process for process, _ in results}
    assert len(children) == 2
    assert int(processes[0]) not in children


def test_a_warm_shutdown_lets_a_task_finish_its_session(tmp_path):
    """On SIGTERM a task that has a session open goes on, and the worker ends after it."""
    with Emulator(tls=True, time_scale=0) as emulator:
        with Worker(emulator, tmp_path) as worker:
            sent = worker.send("ask_when_told", "Are you still there?")
            eventually((tmp_path / "open").exists)
            worker.terminate()
            (tmp_path / "go on").touch()
            assert result_of(sent)[1] == "Are you still there?"
        wait_for_closes(emulator)


def test_exceptions_come_back_whole(tmp_path):
    """With pickled results an exception of ours keeps its type, its text and its attributes."""
    with Emulator(tls=True, time_scale=0) as emulator:
        with Worker(emulator, tmp_path) as worker:
            with pytest.raises(ConnectionClosedOK, match="4000") as closed:
                worker.run("ask_a_closed_session")
            with pytest.raises(TurnTimeout, match="not complete after 0 seconds") as late:
                worker.run("ask_too_briefly")
            with pytest.raises(ConfigurationError, match="did you mean 'temperature'") as wrong:
                worker.run("make_a_mistake")
        wait_for_closes(emulator)
    assert (closed.value.code, closed.value.reason, closed.value.retryable) == (4000, "that is all", False)
    assert isinstance(late.value.partial, Turn)
    assert wrong.value.where == "config.temperatur"


def test_exceptions_in_json_keep_their_words(tmp_path):
    """With results in JSON, Celery keeps the words, and the type where it can be made of words alone."""
    with Emulator(tls=True, time_scale=0) as emulator:
        with Worker(emulator, tmp_path, "json") as worker:
            with pytest.raises(ConfigurationError, match="did you mean 'temperature'"):
                worker.run("make_a_mistake")
            with pytest.raises(Exception, match="ConnectionClosedOK.*4000") as closed:
                worker.run("ask_a_closed_session")
        wait_for_closes(emulator)
    assert type(closed.value) is Exception
