"""A Celery application whose tasks share one client, made before the worker's processes are forked.

``FOLDER`` holds the queue, the results and a journal of what the worker's main process does.
"""

import os
import threading
from pathlib import Path

from celery import Celery
from celery.signals import worker_init, worker_process_shutdown, worker_shutdown

from genai_live import Client, LiveCallbacks

MODEL = "gemini-2.0-flash-live-001"
SECONDS = float(os.environ["SECONDS"])
FOLDER = Path(os.environ["FOLDER"])

app = Celery("celery_program", broker="filesystem://", backend=f"file://{FOLDER / 'results'}")
app.conf.update(
    broker_transport_options={
        "control_folder": str(FOLDER / "control"),
        "data_folder_in": str(FOLDER / "queue"),
        "data_folder_out": str(FOLDER / "queue"),
        "polling_interval": 0.02,
    },
    result_serializer=os.environ["RESULT_SERIALIZER"],
)
client = Client()


def write(line):
    """Adds a line to the journal."""
    with open(FOLDER / "journal", "a", encoding="utf-8") as journal:
        journal.write(f"{os.getpid()} {line}\n")


class Conversation:
    """The main process's own: busy when its children are forked, and to the end."""

    def __init__(self):
        self._session = client.live.connect(model=MODEL, timeout=SECONDS)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._converse, daemon=True)

    def begin(self):
        """Asks, then has a thread ask on."""
        write(self._session.ask("before the fork", timeout=SECONDS).text)
        self._thread.start()

    def _converse(self):
        try:
            while not self._stopping.is_set():
                write(self._session.ask("after the fork", timeout=SECONDS).text)
        except BaseException as error:
            write(f"failed: {error!r}")
            raise

    def end(self):
        """Has the thread stop."""
        self._stopping.set()
        self._thread.join()
        self._session.close()


@worker_init.connect
def use_the_client(**_):
    """In the main process, before the fork."""
    app.conversation = Conversation()
    app.conversation.begin()


@worker_process_shutdown.connect
def close_in_child(**_):
    """Celery ends its processes without Python's own farewell, so ``atexit`` is not enough."""
    client.close()


@worker_shutdown.connect
def close_in_main_process(**_):
    """The main process, when all others have ended."""
    app.conversation.end()
    client.close()


@app.task
def ask(question):
    """Asks in a session of its own."""
    with client.live.connect(model=MODEL, timeout=SECONDS) as session:
        return os.getpid(), session.ask(question, timeout=SECONDS).text


@app.task
def ask_with_callbacks(question):
    """The same, told by callbacks."""
    words, complete = [], threading.Event()

    def take(session, message):
        words.append(message.text or "")
        if message.server_content and message.server_content.turn_complete:
            complete.set()

    callbacks = LiveCallbacks(on_message=take)
    with client.live.connect(model=MODEL, timeout=SECONDS, callbacks=callbacks) as session:
        session.send_client_content(turns=question, timeout=SECONDS)
        assert complete.wait(SECONDS)
    return os.getpid(), "".join(words)


@app.task
def ask_when_told(question):
    """Has a session open until the test says so."""
    with client.live.connect(model=MODEL, timeout=SECONDS) as session:
        (FOLDER / "open").touch()
        waiting = threading.Event()
        while not (FOLDER / "go on").exists():
            waiting.wait(0.01)
        return os.getpid(), session.ask(question, timeout=SECONDS).text


@app.task
def ask_a_closed_session():
    """Raises ConnectionClosedOK."""
    session = client.live.connect(model=MODEL, timeout=SECONDS)
    session.close(4000, "that is all")
    session.ask("Is there more?")


@app.task
def ask_too_briefly():
    """Raises TurnTimeout."""
    with client.live.connect(model=MODEL, timeout=SECONDS) as session:
        session.send_client_content(turns="not yet", turn_complete=False, timeout=SECONDS)
        session.ask("Well?", timeout=0)


@app.task
def make_a_mistake():
    """Raises ConfigurationError."""
    client.live.connect(model=MODEL, config={"temperatur": 1})
