"""The Flask and Django examples, under gunicorn with threads."""

import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
import requests

from genai_live.emulator import Emulator
from tests.timing import SOON, scaled
from tests.web.web_server import (
    APPLICATIONS,
    COMMAND,
    EXAMPLES,
    KEY,
    Browser,
    WebServer,
    environment,
    read_answer,
    read_events,
    read_words,
)

END = ("end", "")
NOT_REACHED = "The model cannot be reached. Please try again later."
TOO_LONG = "The model took too long. Please try again."
GENERATION_COMPLETE = {"message": {"serverContent": {"generationComplete": True}}}

for_each_example = pytest.mark.parametrize("example", APPLICATIONS)


def scripted(*answer, complete=True, time_scale=1.0):
    """An emulator whose model answers the first question in this way, whatever it is."""
    step = {"expect": "/./", "answer": list(answer), "complete": complete}
    return Emulator(script={"steps": [step]}, time_scale=time_scale)


def wait_for_closes(emulator, number):
    """Wait until so many sessions have ended, and all of them by a close frame of the client."""

    def all_closed():
        return len(emulator.connections) == number and all(c.closed_by for c in emulator.connections)

    emulator.wait_until(all_closed, timeout=SOON)
    assert {(c.closed_by, c.close_code) for c in emulator.connections} == {("client", 1000)}


@pytest.mark.parametrize(
    ("example", "arguments"),
    [("flask", ()), ("flask", ("--workers", "2", "--preload")), ("django", ())],
    ids=["flask", "flask, two forked workers", "django"],
)
def test_several_requests_at_once_get_their_own_answers(example, arguments):
    """Each has its own session, closed in order; forked workers may share a client of their parent."""
    questions = [f"Is it raining in city {number}?\nAnd in Malm\u00f6?" for number in range(16)]
    with Emulator(time_scale=0) as emulator, WebServer(example, emulator.url, *arguments) as server:

        def answer(question):
            with Browser(server) as browser, browser.ask(question) as response:
                return read_answer(response)

        with ThreadPoolExecutor(len(questions)) as executor:
            answers = list(executor.map(answer, questions))
        wait_for_closes(emulator, len(questions))
    assert answers == [(question, END) for question in questions]


@for_each_example
def test_words_come_while_the_answer_is_made(example):
    """Of eight answers side by side the first words are read while none is complete; users may leave then."""
    with (
        scripted("Once upon", {"after": 1000, "text": " a time"}) as emulator,
        WebServer(example, emulator.url) as server,
    ):
        with ExitStack() as users:
            browsers = [users.enter_context(Browser(server)) for _ in range(8)]
            responses = [users.enter_context(browser.ask("Tell me a story.")) for browser in browsers]
            answers = [read_words(response) for response in responses]
            assert [next(answer) + next(answer) for answer in answers] == ["Once upon"] * 8
            assert {connection.closed_by for connection in emulator.connections} == {None}
        wait_for_closes(emulator, 8)


@for_each_example
def test_a_session_ends_when_its_user_leaves_while_the_model_is_silent(example):
    """Keep-alive comments are written while there are no words, and find out that nobody reads them."""
    with scripted(complete=False) as emulator, WebServer(example, emulator.url) as server:
        with Browser(server) as browser, browser.ask("Well?") as response:
            assert next(read_events(response)) == ("", ": keep-alive")
        wait_for_closes(emulator, 1)


@for_each_example
def test_an_answer_ends_when_all_is_said(example):
    """The time that a listener would need until the turn is complete is not waited for."""
    with (
        scripted("Well.", GENERATION_COMPLETE, complete=False) as emulator,
        WebServer(example, emulator.url) as server,
    ):
        with Browser(server) as browser, browser.ask("Well?") as response:
            assert read_answer(response) == ("Well.", END)
        wait_for_closes(emulator, 1)


@for_each_example
def test_an_answer_that_takes_too_long_is_given_up(example):
    """What has come stays, an event tells the user, and the session is closed."""
    with (
        scripted("Well", complete=False) as emulator,
        WebServer(example, emulator.url, answer_seconds=scaled(2)) as server,
    ):
        with Browser(server) as browser, browser.ask("Well?") as response:
            assert read_answer(response) == ("Well", ("error", TOO_LONG))
        wait_for_closes(emulator, 1)
        assert "the answer was not complete in time" in server.log


@for_each_example
def test_an_answer_that_breaks_off_is_told(example):
    """What the service does in mid-answer comes as an event; its words stand in the log only."""
    close = {"close": {"code": 1011, "reason": "Internal error encountered."}}
    with scripted("Well", close) as emulator, WebServer(example, emulator.url) as server:
        with Browser(server) as browser, browser.ask("Well?") as response:
            assert read_answer(response) == ("Well", ("error", NOT_REACHED))
        assert "Internal error encountered." in server.log


@for_each_example
def test_a_wrong_key_gives_an_error_page(example):
    """The page has a status of its own and tells a visitor nothing of keys; the log says what is wrong."""
    with Emulator(api_keys=["another key"]) as emulator, WebServer(example, emulator.url) as server:
        with Browser(server) as browser, browser.ask("Hello?") as response:
            assert response.status_code == 502
            assert response.headers["Content-Type"].startswith("text/html")
            assert f"<p>{NOT_REACHED}</p>" in response.text
            assert KEY not in f"{response.text}{response.headers}"
        assert "AuthenticationError" in server.log


@for_each_example
def test_a_service_that_does_not_respond_gives_an_error_page(example):
    """Connecting has the same limit as the answer, and a status of its own when it is reached."""
    with socket.create_server(("127.0.0.1", 0)) as mute:
        url = f"http://127.0.0.1:{mute.getsockname()[1]}"
        with WebServer(example, url, answer_seconds=0.5) as server:
            with Browser(server) as browser, browser.ask("Hello?") as response:
                assert response.status_code == 504
                assert f"<p>{TOO_LONG}</p>" in response.text


@for_each_example
def test_without_a_question_nobody_is_asked(example):
    """A form without words is refused, and opens no session."""
    with Emulator() as emulator, WebServer(example, emulator.url) as server:
        with Browser(server) as browser, browser.ask(" ") as response:
            assert response.status_code == 400
            assert "<p>There was no question.</p>" in response.text
        assert not emulator.connections


def test_django_refuses_forms_of_other_sites():
    """A form without the token of the page is refused, and opens no session."""
    with Emulator() as emulator, WebServer("django", emulator.url) as server:
        response = requests.post(f"{server.url}answer", data={"question": "Hello?"}, timeout=SOON)
        assert response.status_code == 403
        assert not emulator.connections


@for_each_example
def test_sigterm_lets_answers_finish(example):
    """An answer under way is read to its end; then the server ends, and no session is left."""
    with (
        scripted("Once", {"after": 1, "text": " upon"}) as emulator,
        WebServer(example, emulator.url) as server,
    ):
        with Browser(server) as browser, browser.ask("Tell me a story.") as response:
            answer = read_words(response)
            assert next(answer) == "Once"
            server.terminate()
            assert list(answer) == [" upon"]
        assert server.end() == 0
        wait_for_closes(emulator, 1)


def test_sigterm_does_not_wait_for_ever():
    """An answer that goes on after gunicorn's --graceful-timeout is cut, and its session with it."""
    with (
        scripted("Once", complete=False) as emulator,
        WebServer("flask", emulator.url, "--graceful-timeout", "1") as server,
    ):
        with Browser(server) as browser, browser.ask("Tell me a story.") as response:
            answer = read_words(response)
            assert next(answer) == "Once"
            server.terminate()
            assert server.end() == 0
            with pytest.raises(requests.exceptions.ChunkedEncodingError):
                next(answer)
        emulator.wait_until(lambda: emulator.connections[0].closed_by == "client", timeout=SOON)


@for_each_example
def test_the_page_says_how_to_run_it(example):
    """The command of the how-to page is the one that these tests run."""
    application, _ = APPLICATIONS[example]
    page = (EXAMPLES.parent / "how-to" / "web.md").read_text("utf-8")
    assert f"\n{COMMAND} {application}\n" in page


def test_django_has_nothing_to_complain_of():
    """Django's own checks of the project find nothing; the page's ``manage.py`` runs them."""
    _, folder = APPLICATIONS["django"]
    result = subprocess.run(
        [sys.executable, "-B", "-X", "dev", "-W", "error", "manage.py", "check", "--fail-level", "DEBUG"],
        cwd=folder,
        env=environment("http://127.0.0.1:1"),
        capture_output=True,
        text=True,
        timeout=scaled(60),
        check=False,
    )
    assert (result.returncode, result.stderr) == (0, "")
