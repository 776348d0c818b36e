"""What a test may do to the open connections: drop them, and announce their end."""

import pytest

from genai_live.emulator import Emulator
from genai_live.errors import ConfigurationError
from tests.emulator.live_client import GEMINI, talk, talk_set_up, text_of

MUSIC = GEMINI.replace("BidiGenerateContent", "BidiGenerateMusic")
RECORDING = {
    "version": 1,
    "interactions": [
        {
            "kind": "message",
            "direction": "sent",
            "data": {"setup": {"model": "models/gemini-2.0-flash-live-001"}},
        },
        {"kind": "message", "direction": "received", "data": {"setupComplete": {}}},
    ],
}


@pytest.mark.parametrize("tls", [False, True])
def test_every_open_connection_is_dropped(tls):
    """Without a close frame, before the setup as after it; those that come later are served."""
    with Emulator(tls=tls, time_scale=0) as emulator:
        with talk(emulator) as early, talk_set_up(emulator) as late, talk_set_up(emulator) as closed:
            closed.socket.close()
            emulator.wait_until(lambda: emulator.connections[2].closed_by)
            emulator.drop_connections()
            assert early.receive_close() == late.receive_close() == (1006, "")
            emulator.wait_until(lambda: all(each.closed_by for each in emulator.connections))
        assert [(each.closed_by, each.close_code) for each in emulator.connections] == [
            ("emulator", 1006),
            ("emulator", 1006),
            ("client", 1000),
        ]
        with talk_set_up(emulator) as client:
            client.say("Hello")
            assert text_of(client.receive_turn()) == "Hello"


def test_an_answer_under_way_is_cut_off():
    """What was said before arrives, and nothing after it."""
    answer = ["Well", {"after": 1000, "text": "then"}]
    with (
        Emulator(script={"steps": [{"expect": "Hello", "answer": answer}]}) as emulator,
        talk_set_up(emulator) as client,
    ):
        client.say("Hello")
        assert text_of([client.receive()]) == "Well"
        emulator.drop_connections()
        assert client.receive_close() == (1006, "")


def test_go_away_is_sent_on_every_connection(emulator):
    """Once its setup has come, music included; what the time scale is makes no difference."""
    with talk_set_up(emulator) as one, talk(emulator) as early, talk(emulator, MUSIC) as music:
        music.set_up("models/lyria-realtime-exp")
        emulator.send_go_away(12.5)
        for client in (one, music):
            assert client.receive() == {"goAway": {"timeLeft": "12.5s"}}
        assert early.set_up() == {"setupComplete": {}}
        emulator.send_go_away(0)
        for client in (one, early, music):
            assert client.receive() == {"goAway": {"timeLeft": "0s"}}


def test_go_away_is_sent_beside_a_recording():
    """It is not a part of it."""
    with Emulator(script=RECORDING) as emulator, talk_set_up(emulator) as client:
        emulator.send_go_away(50)
        assert client.receive() == {"goAway": {"timeLeft": "50s"}}


def test_go_away_does_not_wait_for_an_answer():
    """It comes in the middle of one, and the answer goes on."""
    answer = [{"text": "Well"}, {"after": 1, "text": " then"}]
    with (
        Emulator(script={"steps": [{"expect": "Hello", "answer": answer}]}) as emulator,
        talk_set_up(emulator) as client,
    ):
        client.say("Hello")
        assert text_of([client.receive()]) == "Well"
        emulator.send_go_away(50)
        assert client.receive() == {"goAway": {"timeLeft": "50s"}}
        assert text_of(client.receive_turn()) == " then"


@pytest.mark.parametrize("time_left", [-1, float("inf"), float("nan")])
def test_a_time_that_there_is_not(emulator, time_left):
    """The argument is named."""
    with pytest.raises(ConfigurationError, match="time_left"):
        emulator.send_go_away(time_left)


def test_where_nothing_is_open_nothing_happens():
    """Before it serves, and when it does not any more."""
    emulator = Emulator()
    for _ in range(2):
        emulator.drop_connections()
        emulator.send_go_away(1)
        with emulator:
            pass
    emulator.drop_connections()
    emulator.send_go_away(1)
