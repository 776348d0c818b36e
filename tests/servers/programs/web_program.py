"""A WSGI program with one client, made when it is loaded: with gunicorn's --preload, before the fork.

Where ``MASTER_JOURNAL`` names a file, the process that loads the program converses on, before and after the
fork, and writes there what it is told.
"""

import atexit
import os
import threading
from urllib.parse import parse_qs

from genai_live import Client, LiveCallbacks, LiveError

MODEL = "gemini-2.0-flash-live-001"
SECONDS = float(os.environ["SECONDS"])

client = Client()
closing = threading.Event()


def close():
    """What every program should do at its end."""
    closing.set()
    client.close()


atexit.register(close)


def ask(question):
    """Asks in a session of its own."""
    with client.live.connect(model=MODEL, timeout=SECONDS) as session:
        return session.ask(question, timeout=SECONDS).text


class Pushed:
    """A session that is told by callbacks."""

    def __init__(self):
        self._words = []
        self._complete = threading.Event()
        self._session = client.live.connect(
            model=MODEL, timeout=SECONDS, callbacks=LiveCallbacks(on_message=self._take)
        )

    def _take(self, session, message):
        self._words.append(message.text or "")
        if message.server_content and message.server_content.turn_complete:
            self._complete.set()

    def ask(self, question):
        """Returns the answer."""
        self._words.clear()
        self._complete.clear()
        self._session.send_client_content(turns=question, timeout=SECONDS)
        if not self._complete.wait(SECONDS):
            raise TimeoutError(question)
        return "".join(self._words)

    def close(self):
        """Ends the session."""
        self._session.close()


def ask_with_callbacks(question):
    """Asks in a session of its own, which is told by callbacks."""
    pushed = Pushed()
    try:
        return pushed.ask(question)
    finally:
        pushed.close()


WAYS = {"/pulled": ask, "/pushed": ask_with_callbacks}


def application(environ, start_response):
    """Asks, and says which process did."""
    (question,) = parse_qs(environ["QUERY_STRING"])["question"]
    answer = WAYS[environ["PATH_INFO"]](question)
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8")])
    return [f"{os.getpid()} {answer}".encode()]


def converse(name, ask_again, write):
    """Asks until the client is closed."""
    number = 0
    try:
        while True:
            number += 1
            question = f"{name} {number}"
            answer = ask_again(question)
            write(f"{os.getpid()} {answer}" if answer == question else f"{question!r} became {answer!r}")
    except (LiveError, TimeoutError) as error:
        write(f"{os.getpid()} closed" if closing.is_set() else f"failed: {error!r}")


def converse_in_master(path):
    """Converses in three ways, each before the fork and after it."""
    journal = open(path, "a", buffering=1, encoding="utf-8")  # noqa: SIM115 - as long as the process lives
    session = client.live.connect(model=MODEL, timeout=SECONDS)
    ways = {
        "pulled": lambda question: session.ask(question, timeout=SECONDS).text,
        "pushed": Pushed().ask,
        "opened": ask,
    }
    for name, ask_again in ways.items():
        journal.write(f"{os.getpid()} {ask_again(name + ' before the fork')}\n")
        arguments = (name, ask_again, lambda line: journal.write(f"{line}\n"))
        threading.Thread(target=converse, args=arguments, name=name, daemon=True).start()


if "MASTER_JOURNAL" in os.environ:
    converse_in_master(os.environ["MASTER_JOURNAL"])
