"""A client in a program under gunicorn, with and without --preload."""

from collections import Counter

import pytest

from genai_live.emulator import Emulator
from tests.servers.web_program_server import WebProgram, close_codes, questions
from tests.timing import eventually

for_each_worker_class = pytest.mark.parametrize(
    "worker_class", [("sync",), ("gthread", "--threads", "8")], ids=["sync", "gthread"]
)


@for_each_worker_class
def test_each_worker_makes_its_own_client(worker_class, tmp_path):
    """Without --preload both workers answer several requests at once, and close what they opened."""
    with Emulator(tls=True, time_scale=0) as emulator:
        with WebProgram(emulator, tmp_path, worker_class) as server:
            server.ask_until_both_answer(questions(12))
            server.terminate()
            assert server.end() == 0
        assert close_codes(emulator) == {("client", 1000)}


@for_each_worker_class
def test_workers_use_a_client_that_was_busy_when_they_were_forked(worker_class, tmp_path):
    """With --preload the master's sessions go on, as if there had been no fork, beside the workers' own."""
    journal = tmp_path / "journal"

    def told():
        """How often each way of the master's to ask was answered, and in which processes."""
        lines = [line.split(" ") for line in journal.read_text().splitlines()]
        return Counter(way for _, way, *_ in lines), {process for process, *_ in lines}

    with Emulator(tls=True, time_scale=0) as emulator:
        with WebProgram(emulator, tmp_path, worker_class, "--preload", journal=journal) as server:
            workers = server.ask_until_both_answer(questions(12))
            before, _ = told()
            eventually(lambda: all(told()[0][way] > before[way] + 5 for way in before))
            server.ask_all(questions(12))
            assert [each.closed_by for each in emulator.connections[:2]] == [None, None]
            server.terminate()
            assert server.end() == 0
        # The last of those that the master opens may not have been open yet.
        assert close_codes(emulator) <= {("client", 1000), ("client", 1006)}
        assert [each.close_code for each in emulator.connections[:2]] == [1000, 1000]
    counts, processes = told()
    assert set(counts) - {"closed"} == set(before) == {"pulled", "pushed", "opened"}
    assert len(processes) == 1
    assert not processes & {str(each) for each in workers}


@for_each_worker_class
@pytest.mark.parametrize("preload", [(), ("--preload",)], ids=["loaded after the fork", "preloaded"])
def test_workers_come_and_go(preload, worker_class, tmp_path):
    """A worker that has served its share is replaced; its successor answers as well."""
    with Emulator(tls=True, time_scale=0) as emulator:
        with WebProgram(emulator, tmp_path, worker_class, *preload, "--max-requests", "3") as server:
            workers = Counter()
            for question in questions(14):
                process, answer = server.ask(question)
                assert answer == question
                workers[process] += 1
            server.terminate()
            assert server.end() == 0
        assert len(workers) > 3
        assert close_codes(emulator) == {("client", 1000)}
