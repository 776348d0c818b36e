"""Servers whose workers are made of greenlets."""

from pathlib import Path

import pytest

from genai_live.emulator import Emulator
from tests.servers.celery_worker import Worker, result_of, wait_for_closes
from tests.servers.web_program_server import WebProgram, close_codes, questions

PATCHED_MASTER = ("--preload", "--config", str(Path(__file__).parent / "gunicorn_patched.py"))


@pytest.mark.parametrize("preload", [(), PATCHED_MASTER], ids=["loaded after the fork", "preloaded"])
def test_gunicorn(preload, tmp_path):
    """Many requests at once are answered, if gevent patches before the program is loaded."""
    with Emulator(tls=True, time_scale=0) as emulator:
        with WebProgram(emulator, tmp_path, ("gevent",), *preload) as server:
            server.ask_until_both_answer(questions(24))
            server.terminate()
            assert server.end() == 0
        assert close_codes(emulator) == {("client", 1000)}


def test_celery(tmp_path):
    """Many tasks at once get their own answers, beside a conversation of the same process."""
    with Emulator(tls=True, time_scale=0) as emulator:
        with Worker(emulator, tmp_path, pool=("gevent", 20)) as worker:
            asked = questions(40)
            sent = [
                worker.send("ask_with_callbacks" if number % 2 else "ask", question)
                for number, question in enumerate(asked)
            ]
            assert [result_of(each)[1] for each in sent] == asked
        wait_for_closes(emulator)
    assert {words for _, words in worker.journal} == {"before the fork", "after the fork"}
