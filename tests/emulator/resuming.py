"""To end connections and to go on with their sessions, as each family of models does it."""

from contextlib import contextmanager

from genai_live.emulator import Emulator
from tests.emulator.live_client import GEMINI, VERTEX, talk, text_of, transcription_of

MODELS = {
    "2.0": (GEMINI, "models/gemini-2.0-flash-live-001"),
    "2.5": (GEMINI, "models/gemini-2.5-flash-native-audio-latest"),
    "3.1": (GEMINI, "models/gemini-3.1-flash-live-preview"),
    "3.8": (GEMINI, "models/gemini-3.8-live"),
    "vertex-2.5": (VERTEX, "publishers/google/models/gemini-live-2.5-flash"),
    "vertex-3.8": (VERTEX, "publishers/google/models/gemini-3.8-live"),
}
"""Where each model is, and its name in a setup."""
NAMING = sorted(MODELS.keys() - {"3.1"})
"""Those whose handles name the session itself, where they are not transparent."""


def emulate(*steps, **options):
    """An emulator that plays these steps without pauses."""
    return Emulator(script={"steps": list(steps)}, **({"time_scale": 0} | options))


@contextmanager
def converse(emulator, model, handle=None, *, transparent=None, **setup):
    """A new session, or one that goes on, and the first handle that it gives."""
    path, name = MODELS[model]
    resumption = {} if handle is None else {"handle": handle}
    if transparent is not None:
        resumption["transparent"] = transparent
    with talk(emulator, path) as client:
        assert "setupComplete" in client.set_up(
            name, sessionResumption=resumption, **{"outputAudioTranscription": {}, **setup}
        )
        yield client, client.receive()["sessionResumptionUpdate"]["newHandle"]


def close_of(emulator, model, handle):
    """How the service ends a connection that is to go on with a session."""
    path, name = MODELS[model]
    with talk(emulator, path) as client:
        client.send({"setup": {"model": name, "sessionResumption": {"handle": handle}}})
        return client.receive_close()


def receive_update(client):
    """Receive messages up to the next sessionResumptionUpdate."""
    while "sessionResumptionUpdate" not in (message := client.receive()):
        pass
    return message["sessionResumptionUpdate"]


def receive_call(client):
    """Receive messages up to the next function call, and return its id."""
    while "toolCall" not in (message := client.receive()):
        pass
    return message["toolCall"]["functionCalls"][0]["id"]


def respond(client, *call_ids, **response):
    """Send the responses of functions."""
    responses = [{"id": call_id, "name": "f", "response": {}, **response} for call_id in call_ids]
    client.send({"toolResponse": {"functionResponses": responses}})


def receive_answer(client):
    """Receive a turn in which the model says something; return its words, written or spoken."""
    while not (said := text_of(turn := client.receive_turn()) or transcription_of(turn)):
        pass
    return said


def ask(client, text):
    """Say something, and return the words of the answer."""
    client.say(text)
    return receive_answer(client)


def last_said(client):
    """What the echo remembers: it says so when it is to speak, and nobody has said anything."""
    client.send({"clientContent": {"turnComplete": True}})
    return receive_answer(client)
