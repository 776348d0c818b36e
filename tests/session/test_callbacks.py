"""Callbacks run in order on the client's workers; what they raise is reported and the session lives on."""

import threading

import pytest

from genai_live import AuthenticationError, ConnectionClosedError, LiveCallbacks
from tests.raw_server import close_frame
from tests.service import MODEL, answer_close, conversing, message, read_message, service, text
from tests.timing import SOON


class Recording:
    """Records every callback, and can wait for the last."""

    def __init__(self):
        self.calls = []
        self.sessions = set()
        self.threads = set()
        self.closed = threading.Event()
        self.callbacks = LiveCallbacks(
            on_open=lambda session: self._note(session, "open"),
            on_message=lambda session, item: self._note(session, "message", item.text),
            on_error=lambda session, error: self._note(session, "error", type(error)),
            on_close=self._on_close,
        )

    def _note(self, session, *call):
        self.calls.append(call)
        self.sessions.add(session)
        self.threads.add(threading.current_thread().name)

    def _on_close(self, session, code, reason):
        self._note(session, "close", code, reason)
        self.closed.set()


def test_callbacks_come_in_order_with_the_session():
    """on_open, each message, on_close: in the server's order, on a worker, with the session."""

    def handle(peer):
        peer.send(b"".join(text(str(number)) for number in range(200)) + close_frame(1000, "bye"))

    recording = Recording()
    with conversing(handle, callbacks=recording.callbacks) as session:
        assert recording.closed.wait(SOON)
    assert recording.calls == [
        ("open",),
        *(("message", str(number)) for number in range(200)),
        ("close", 1000, "bye"),
    ]
    assert recording.sessions == {session}
    assert all(name.startswith("genai-live worker") for name in recording.threads)


def test_an_end_with_an_error_is_told_before_the_close():
    """on_error with the exception that a reader would get, then on_close."""
    recording = Recording()
    with conversing(lambda peer: peer.send(close_frame(1011, "oops")), callbacks=recording.callbacks):
        assert recording.closed.wait(SOON)
    assert recording.calls == [("open",), ("error", ConnectionClosedError), ("close", 1011, "oops")]


def test_close_returns_after_on_close_has_run():
    """Who closes from outside finds the callbacks done."""
    recording = Recording()
    with conversing(answer_close, callbacks=recording.callbacks) as session:
        session.close()
        assert recording.calls == [("open",), ("close", 1000, "")]
        session.close()
    assert recording.calls[-1] == ("close", 1000, "")


def test_an_exception_goes_to_on_error_and_the_session_lives_on():
    """A callback that raises is reported; later messages still come."""
    seen, errors, closed = [], [], threading.Event()

    def on_message(session, item):
        seen.append(item.text)
        if item.text == "bad":
            raise KeyError(item.text)

    callbacks = LiveCallbacks(
        on_message=on_message,
        on_error=lambda session, error: errors.append(error),
        on_close=lambda session, code, reason: closed.set(),
    )
    with conversing(
        lambda peer: peer.send(text("bad") + text("good") + close_frame(1000)), callbacks=callbacks
    ):
        assert closed.wait(SOON)
    assert seen == ["bad", "good"]
    assert [type(error) for error in errors] == [KeyError]


def test_without_on_error_an_exception_goes_to_the_excepthook(monkeypatch):
    """Nothing is swallowed: what nobody takes is shown as for any thread."""
    hooked, closed = [], threading.Event()
    monkeypatch.setattr(threading, "excepthook", lambda arguments: hooked.append(arguments.exc_type))

    def on_message(session, item):
        raise KeyError

    callbacks = LiveCallbacks(on_message=on_message, on_close=lambda *arguments: closed.set())
    with conversing(lambda peer: peer.send(text("a") + close_frame(1000)), callbacks=callbacks):
        assert closed.wait(SOON)
    assert hooked == [KeyError]


def test_an_on_error_that_raises_goes_to_the_excepthook(monkeypatch):
    """An error handler's own error is not handed to itself."""
    hooked, closed = [], threading.Event()
    monkeypatch.setattr(threading, "excepthook", lambda arguments: hooked.append(arguments.exc_type))

    def fail(*arguments):
        raise ZeroDivisionError

    callbacks = LiveCallbacks(on_message=fail, on_error=fail, on_close=lambda *arguments: closed.set())
    with conversing(lambda peer: peer.send(text("a") + close_frame(1000)), callbacks=callbacks):
        assert closed.wait(SOON)
    assert hooked == [ZeroDivisionError]


def test_callbacks_may_use_the_session_before_connect_has_returned():
    """on_open sends; the answer comes to on_message."""
    answered = threading.Event()

    def handle(peer):
        said = read_message(peer)["clientContent"]["turns"][0]["parts"][0]["text"]
        peer.send(text(said.upper()))
        answer_close(peer)

    answers = []

    def on_message(session, item):
        answers.append(item.text)
        answered.set()

    callbacks = LiveCallbacks(
        on_open=lambda session: session.send_client_content(turns="hello"), on_message=on_message
    )
    with conversing(handle, callbacks=callbacks):
        assert answered.wait(SOON)
    assert answers == ["HELLO"]


def test_without_on_message_the_session_is_read_as_usual():
    """Only on_message selects push."""
    recording = []
    callbacks = LiveCallbacks(on_open=lambda session: recording.append("open"))
    with conversing(lambda peer: peer.send(text("a") + close_frame(1000)), callbacks=callbacks) as session:
        assert [item.text for item in session] == ["a"]
    assert recording == ["open"]


def test_an_error_message_goes_to_on_error():
    """In push mode an error of the server is told, and the session goes on."""
    recording = Recording()
    error = message({"error": {"code": 500, "message": "x"}})
    with conversing(
        lambda peer: peer.send(error + text("on") + close_frame(1000)), callbacks=recording.callbacks
    ):
        assert recording.closed.wait(SOON)
    assert [call[0] for call in recording.calls] == ["open", "error", "message", "close"]


def test_no_callback_of_a_session_that_never_opened():
    """A failed connect raises; callbacks are for sessions."""
    recording = Recording()

    def handle(peer):
        peer.upgrade()
        read_message(peer)
        peer.send(close_frame(1007, "API key not valid. Please pass a valid API key."))

    with service(handle) as client, pytest.raises(AuthenticationError):
        client.live.connect(model=MODEL, callbacks=recording.callbacks, timeout=SOON)
    assert recording.calls == []


def test_two_sessions_do_not_wait_for_each_others_callbacks():
    """A callback that blocks holds up its own session only."""
    release, other = threading.Event(), threading.Event()

    def handle(peer):
        from tests.service import accept_setup

        accept_setup(peer)
        peer.send(text("go"))
        answer_close(peer)

    with service(handle) as client:
        blocked = client.live.connect(
            model=MODEL, callbacks=LiveCallbacks(on_message=lambda *arguments: release.wait(SOON))
        )
        free = client.live.connect(
            model=MODEL, callbacks=LiveCallbacks(on_message=lambda *arguments: other.set())
        )
        assert other.wait(SOON)
        release.set()
        blocked.close()
        free.close()
