"""Real conversations, replayed to our client."""

import base64
import json
from contextlib import contextmanager

import google.oauth2.credentials
import pytest

from genai_live import Client, ToolError, codec, types
from genai_live.emulator import Emulator
from tests.emulator.live_client import GEMINI, VERTEX, talk
from tests.recorded import RECORDINGS, load_recording
from tests.timing import SOON

SPOKEN = {
    "audio_in_server_vad_turn": ["Hello, Marcelo."],
    "gateway_gemini_text_in_audio_out": ["Hello there."],
    "history_seeding_parity--gateway-google": ["Your name is Alice, and your favorite color is teal."],
    "message_history_seeding": ["Your name is Alice, and your favorite color is teal."],
    "text_tool_round_parity--gateway-google": ["", "It is foggy and 12 degrees in London."],
    "text_tool_round_parity--google-current": ["It is foggy and 12 degrees in London."],
    "tool_call_round": ['I have recorded a reading of 5 with the note "steady."'],
}
"""What the model says in each turn."""


@contextmanager
def replay(recording):
    """A session of ours with a replayed recording."""
    access = {"api_key": "any"}
    if recording.vertex:
        credentials = google.oauth2.credentials.Credentials(token="a-token")
        access = {"vertexai": True, "project": "p", "location": "l", "credentials": credentials}
    setup = {key: value for key, value in recording.setup.items() if key != "model"}
    config = setup.pop("generationConfig") | setup
    with (
        Emulator(script=recording.path) as emulator,
        Client(**access, http_options={"base_url": emulator.url}) as client,
        client.live.connect(
            model=recording.setup["model"].rpartition("/")[2], config=config, timeout=SOON
        ) as session,
    ):
        yield session


def send(session, message):
    """Send through the session what the recorded client sent."""
    match message:
        case {"client_content": {"turns": turns, "turnComplete": complete}}:
            session.send_client_content(turns=turns, turn_complete=complete)
        case {"tool_response": {"functionResponses": responses}}:
            session.send_tool_response(function_responses=responses)
        case {"realtime_input": {"audio": blob}}:
            session.send_realtime_input(audio=blob)
        case _:
            raise AssertionError(message)


@pytest.mark.parametrize("name", RECORDINGS)
def test_the_frames_are_those_of_the_service(name):
    """Each recorded message comes in a binary frame, as it was, in order; nothing else comes."""
    recording = load_recording(name)
    path = VERTEX if recording.vertex else GEMINI
    with Emulator(script=recording.path) as emulator, talk(emulator, path) as client:
        client.send({"setup": recording.setup})
        for sent, received in [([], recording.opening), *recording.exchanges]:
            for message in sent:
                client.send(message)
            frames = [client.socket.recv(SOON) for _ in received]
            assert {type(frame) for frame in frames} == {bytes}
            assert [json.loads(frame) for frame in frames] == received
        assert client.socket.ping().wait(SOON)
        with pytest.raises(TimeoutError):
            client.socket.recv(timeout=0)


@pytest.mark.parametrize("name", RECORDINGS)
def test_our_client_reads_the_recorded_turns(name):
    """Its messages are those of the recording, and make up the turns that were spoken."""
    recording = load_recording(name)
    with replay(recording) as session:
        assert session.setup_complete is not None
        assert session.session_id == recording.opening[0]["setupComplete"].get("sessionId")
        turns = [[]]
        for sent, received in recording.exchanges:
            for message in sent:
                send(session, message)
            read = session.receive(timeout=SOON)
            for _ in received:
                turns[-1].append(next(read))
                if turns[-1][-1].server_content and turns[-1][-1].server_content.turn_complete:
                    read = session.receive(timeout=SOON)
                    turns.append([])
    *turns, rest = turns
    assert rest == []
    assert [codec.to_json_dict(message) for turn in turns for message in turn] == recording.received
    assert [types.Turn.from_messages(turn).text for turn in turns] == SPOKEN[name]


@pytest.mark.parametrize(
    "name", [name for name in RECORDINGS if "tool" not in name and "audio_in" not in name]
)
def test_a_recorded_answer_can_be_asked_for(name):
    """One question gives the whole recorded turn: words, audio and usage."""
    recording = load_recording(name)
    *history, question = [message for sent, _ in recording.exchanges for message in sent]
    with replay(recording) as session:
        for message in history:
            send(session, message)
        turn = session.ask(question["client_content"]["turns"], timeout=SOON)
    assert [turn.text] == SPOKEN[name]
    assert turn.audio == b"".join(recorded_audio(recording))
    assert turn.usage.total_token_count == recording.received[-1]["usageMetadata"]["totalTokenCount"]


@pytest.mark.parametrize("name", [name for name in RECORDINGS if "tool" in name])
def test_a_recorded_function_call_can_be_answered(name):
    """The call comes as it was recorded; its answer brings the rest."""
    recording = load_recording(name)
    (question, _), (response, _) = recording.exchanges
    with replay(recording) as session:
        with pytest.raises(ToolError) as raised:
            session.ask(question[0]["client_content"]["turns"], timeout=SOON)
        (call,) = raised.value.partial.tool_calls
        (recorded,) = response[0]["tool_response"]["functionResponses"]
        assert (call.id, call.name) == (recorded["id"], recorded["name"])
        session.send_tool_response(
            function_responses={"id": call.id, "name": call.name, "response": {"result": "something else"}}
        )
        texts = [types.Turn.from_messages(list(session.receive(timeout=SOON))).text for _ in SPOKEN[name]]
        assert texts == SPOKEN[name]


def recorded_audio(recording):
    """The audio of a recording, message by message."""
    for message in recording.received:
        for part in message.get("serverContent", {}).get("modelTurn", {}).get("parts", ()):
            if "inlineData" in part:
                yield base64.b64decode(part["inlineData"]["data"])
