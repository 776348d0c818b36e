"""What time alone does: goAway, and the aborts that follow it or a silence."""

import pytest

from genai_live.emulator import Emulator, profiles
from tests.emulator.live_client import GEMINI, VERTEX, talk
from tests.timing import scaled

IGNORED = (
    "Connection aborted because the client failed to close the connection after receiving a GoAway signal "
    "once the session duration limit was reached."
)


def test_a_silent_client_is_cut_off():
    """150 seconds without a message end the connection, on the emulator's scale of time."""
    with Emulator(time_scale=0.001) as emulator, talk(emulator) as client:
        client.set_up()
        assert client.receive_close() == (1008, "The operation was aborted.")


@pytest.mark.parametrize(
    ("path", "model", "time_left"),
    [
        (GEMINI, "models/gemini-2.0-flash-live-001", "0.05s"),
        (VERTEX, "publishers/google/models/gemini-live-2.5-flash", "0.03s"),
    ],
)
def test_go_away_and_what_follows_it(monkeypatch, path, model, time_left):
    """It names the time that is left, scaled as all times are; who stays is cut off after it."""
    monkeypatch.setattr(profiles, "IDLE_SECONDS", 1e9)
    with Emulator(time_scale=0.001) as emulator, talk(emulator, path) as client:
        client.set_up(model)
        assert client.receive() == {"goAway": {"timeLeft": time_left}}
        assert client.receive_close() == (1008, IGNORED[:123])


def test_what_a_client_sends_keeps_the_connection(monkeypatch):
    """Every message starts the wait for the next one anew; goAway still comes."""
    monkeypatch.setattr(profiles, "GO_AWAY_SECONDS", 1.5 * profiles.IDLE_SECONDS)
    with Emulator(time_scale=scaled(0.01)) as emulator, talk(emulator) as client:
        client.set_up()
        message = {}
        while "goAway" not in message:
            client.send({"realtimeInput": {"text": "Hi"}})
            while "goAway" not in message and not message.get("serverContent", {}).get("turnComplete"):
                message = client.receive()
            if "goAway" not in message:
                message = {}


def test_time_stands_still_at_a_scale_of_0(emulator):
    """Tests without pauses are not cut off either: the connection is there until it is closed."""
    with talk(emulator) as client:
        client.set_up()
        client.say("Hi")
        client.receive_turn()
    emulator.wait_until(lambda: emulator.connections[0].closed_by == "client")
