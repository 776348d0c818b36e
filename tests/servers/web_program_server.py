"""The WSGI program of these tests under gunicorn, and an emulator that it can trust."""

import os
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import requests

from tests.servers.trust import write_authorities
from tests.timing import SOON, eventually
from tests.web.web_server import KEY, Gunicorn

PROGRAMS = Path(__file__).parent / "programs"


class WebProgram(Gunicorn):
    """gunicorn with two workers, serving the program that asks an emulator over TLS."""

    def __init__(self, emulator, scratch, worker_class, *arguments, journal=None):
        environment = {
            **os.environ,
            "GEMINI_API_KEY": KEY,
            "GOOGLE_GEMINI_BASE_URL": emulator.url,
            "REQUESTS_CA_BUNDLE": write_authorities(emulator.ssl_context, scratch / "authorities.pem"),
            "SECONDS": str(SOON * 2),
        }
        if journal is not None:
            environment["MASTER_JOURNAL"] = str(journal)
        super().__init__(
            ["--workers", "2", "--worker-class", *worker_class, *arguments, "web_program:application"],
            folder=PROGRAMS,
            environment=environment,
        )

    def ask(self, question):
        """Who answers what. The program asks in one way or the other, by the length of the question."""
        way = "pushed" if len(question) % 2 else "pulled"
        response = requests.get(f"{self.url}{way}", params={"question": question}, timeout=SOON * 2)
        assert response.status_code == 200
        process, _, answer = response.text.partition(" ")
        return int(process), answer

    def ask_all(self, questions):
        """Asks several at once; each must get its own answer. Returns how many each process gave."""
        with ThreadPoolExecutor(len(questions)) as executor:
            answers = list(executor.map(self.ask, questions))
        assert [answer for _, answer in answers] == questions
        return Counter(process for process, _ in answers)

    def ask_until_both_answer(self, questions):
        """Asks several at once until both workers have had a part in it; returns their process ids."""
        workers = Counter()

        def both():
            workers.update(self.ask_all(questions))
            return len(workers) == 2

        eventually(both)
        return set(workers)


def close_codes(emulator):
    """Who has ended the sessions, and how."""
    emulator.wait_until(lambda: all(each.closed_by for each in emulator.connections), timeout=SOON)
    return {(each.closed_by, each.close_code) for each in emulator.connections}


def questions(number):
    """So many, no two the same, and not all of one length."""
    return [f"Is it raining in city {'I' * each}?" for each in range(1, number + 1)]
