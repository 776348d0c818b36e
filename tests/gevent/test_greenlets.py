"""Sessions in a program that gevent has patched: what blocks, blocks one greenlet."""

import contextlib

import pytest

from genai_live.emulator import Emulator
from tests.gevent.patched_program import PatchedProgram
from tests.servers.trust import write_authorities

with_and_without_tls = pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])


@contextlib.contextmanager
def with_emulator(program, folder, *, tls):
    """An emulator in this process, which is not patched, and a program that talks to it."""
    with Emulator(tls=tls, time_scale=0) as emulator:
        trusted = write_authorities(emulator.ssl_context, folder / "authorities.pem") if tls else None
        with PatchedProgram(emulator.url, program, trusted) as running:
            yield emulator, running


@with_and_without_tls
def test_twenty_conversations_at_once(tls, tmp_path):
    """Each gets its own answers, and closes in order."""
    program = """
        def converse(number):
            with client.live.connect(model=MODEL, timeout=SECONDS) as session:
                for turn in range(10):
                    question = f"{number}, {turn}"
                    assert session.ask(question, timeout=SECONDS).text == question

        in_greenlets(converse, range(20))
    """
    with with_emulator(program, tmp_path, tls=tls) as (emulator, _):
        pass
    assert [(each.closed_by, each.close_code) for each in emulator.connections] == [("client", 1000)] * 20


@with_and_without_tls
def test_twenty_voices_at_once(tls, tmp_path):
    """Each speaks in one greenlet, and listens in another meanwhile."""
    program = """
        import math, struct

        TONE = b"".join(
            struct.pack("<h", round(8000 * math.sin(2 * math.pi * 220 * i / 16_000))) for i in range(1_600)
        )

        def speak(session):
            for _ in range(10):
                session.send_realtime_input(audio=TONE, timeout=SECONDS)
                gevent.sleep(0.01)
            session.send_realtime_input(audio_stream_end=True, timeout=SECONDS)

        def talk(_):
            with client.live.connect(model="gemini-3.8-live", timeout=SECONDS) as session:
                speaker = threading.Thread(target=speak, args=(session,))
                speaker.start()
                messages = list(session.receive(timeout=SECONDS))
                speaker.join()
            assert messages[-1].server_content.turn_complete
            assert len(b"".join(message.data or b"" for message in messages)) > 10_000

        in_greenlets(talk, range(20))
    """
    with with_emulator(program, tmp_path, tls=tls):
        pass


def test_callbacks(tmp_path):
    """They run in order, and one that waits does not keep others from running."""
    program = """
        from genai_live import LiveCallbacks

        may_go_on, complete, called = threading.Event(), threading.Event(), []

        def on_message(session, message):
            assert may_go_on.wait(SECONDS)
            called.append("message")
            if message.server_content and message.server_content.turn_complete:
                complete.set()

        callbacks = LiveCallbacks(
            on_open=lambda session: called.append("open"),
            on_message=on_message,
            on_close=lambda session, code, reason: called.append(code),
        )
        with client.live.connect(model=MODEL, timeout=SECONDS, callbacks=callbacks) as session:
            session.send_client_content(turns="Hello?")
            with client.live.connect(model=MODEL, timeout=SECONDS) as other:
                assert other.ask("Hello?", timeout=SECONDS).text == "Hello?"
            assert called == ["open"]
            may_go_on.set()
            assert complete.wait(SECONDS)
        assert called[0] == "open" and called[-1] == 1000 and set(called[1:-1]) == {"message"}, called
    """
    with with_emulator(program, tmp_path, tls=False):
        pass


@with_and_without_tls
def test_sessions_reconnect(tls, tmp_path):
    """Twenty of them lose their connections, and go on with others."""
    program = """
        from genai_live import Reconnected, ReconnectPolicy

        policy = ReconnectPolicy(first_pause=0.01)
        sessions = [
            client.live.connect(model="gemini-3.8-live", timeout=SECONDS, reconnect=policy) for _ in range(20)
        ]

        def ask(session):
            session.send_realtime_input(text="Hello?")
            assert any(each.server_content for each in session.receive(timeout=SECONDS))

        def reconnect(session):
            assert any(isinstance(event, Reconnected) for event in session.events(timeout=SECONDS))

        in_greenlets(ask, sessions)
        say("asked")
        in_greenlets(reconnect, sessions)
        in_greenlets(ask, sessions)
        assert {session.stats.reconnections for session in sessions} == {1}
    """
    with with_emulator(program, tmp_path, tls=tls) as (emulator, running):
        running.hear("asked")
        emulator.drop_connections()
    assert len(emulator.connections) == 40
