"""Transparent mode, on Vertex AI: handles that tell which of the client's messages they include."""

import pytest

from genai_live.emulator import Emulator
from tests.emulator.live_client import VERTEX, talk
from tests.emulator.resuming import ask, converse, last_said, receive_call, receive_update, respond
from tests.emulator.signals import silence, tone
from tests.emulator.speaking import speak

MODELS = ["vertex-2.5", "vertex-3.8"]
INDEX = "lastConsumedClientMessageIndex"


def say_without_an_end(client, text):
    """Send a turn that the model does not answer."""
    client.say(text, turnComplete=False)


@pytest.mark.parametrize("model", MODELS)
def test_every_message_brings_a_handle_with_its_number(emulator, model):
    """The first after the setup is 1; in the next connection counting starts anew."""
    handle = None
    for _ in range(2):
        with converse(emulator, model, handle, transparent=True) as (client, _):
            for number in ("1", "2", "3"):
                say_without_an_end(client, "Well")
                update = receive_update(client)
                assert (update["resumable"], update[INDEX]) == (True, number)
            handle = update["newHandle"]


def test_before_any_message_there_is_no_number(emulator):
    """The handle after the setup includes none; nor do those have a number that come elsewhere."""
    for transparent in (True, False, None):
        resumption = {} if transparent is None else {"transparent": transparent}
        with talk(emulator, VERTEX) as client:
            client.set_up("publishers/google/models/gemini-3.8-live", sessionResumption=resumption)
            assert client.receive()["sessionResumptionUpdate"].keys() == {"newHandle", "resumable"}
            if not transparent:
                client.say("Hello")
                assert not any("sessionResumptionUpdate" in message for message in client.receive_turn())


@pytest.mark.parametrize("model", MODELS)
def test_a_handle_names_the_session_as_it_was(emulator, model):
    """It includes the message with its number, and nothing later."""
    handles = []
    with converse(emulator, model, transparent=True) as (client, handle):
        handles.append(handle)
        for text in ("One", "Two"):
            say_without_an_end(client, text)
            handles.append(receive_update(client)["newHandle"])
    for handle, remembered in zip(handles, ("Hello.", "One", "Two"), strict=True):
        with converse(emulator, model, handle, transparent=True) as (client, _):
            assert last_said(client) == remembered


def test_each_tenth_message_with_media_brings_a_handle(emulator):
    """Since the last handle, whatever brought that."""
    image = {"mimeType": "image/png", "data": ""}
    with converse(emulator, "vertex-3.8", transparent=True) as (client, _):
        client.send({"realtimeInput": {"video": image}})
        speak(client, *[silence(0.02)] * 9)
        assert receive_update(client)[INDEX] == "10"
        speak(client, *[silence(0.02)] * 4)
        client.send({"realtimeInput": {"audioStreamEnd": True}})
        assert receive_update(client)[INDEX] == "15"
        speak(client, *[silence(0.02)] * 10)
        assert receive_update(client)[INDEX] == "25"


def test_a_handle_brings_back_as_much_audio_as_had_been_heard(emulator):
    """What came after it does not count in the offset of activity."""

    def started_at(client):
        speak(client, tone(0.5))
        while "voiceActivity" not in (message := client.receive()):
            pass
        return float(message["voiceActivity"]["audioOffset"].removesuffix("s"))

    with converse(emulator, "vertex-3.8", transparent=True) as (client, first):
        speak(client, *[silence(0.1)] * 10)
        second = receive_update(client)["newHandle"]
        offset = started_at(client) - 1.0
    for handle, heard in ((first, 0.0), (second, 1.0)):
        with converse(emulator, "vertex-3.8", handle, transparent=True) as (client, _):
            assert started_at(client) == pytest.approx(heard + offset)


def test_a_response_brings_a_handle_and_so_does_the_end_of_a_turn_of_3_1():
    """All of them have the number, each once however the model gives handles."""
    script = {
        "steps": [
            {"expect": "Go", "answer": {"call": {"name": "f"}}},
            {"expect": {"toolResponse": {}}, "answer": "Done"},
        ]
    }
    with (
        Emulator(script=script, profile="3.1", time_scale=0) as emulator,
        converse(emulator, "vertex-3.8", transparent=True) as (client, _),
    ):
        client.say("Go")
        assert receive_update(client)[INDEX] == "1"
        respond(client, receive_call(client))
        turn = client.receive_turn()
        assert [message["sessionResumptionUpdate"][INDEX] for message in turn[:1]] == ["2"]
        assert not any("sessionResumptionUpdate" in message for message in turn[1:])
        assert receive_update(client)[INDEX] == "2"


def test_a_model_that_never_gives_handles_gives_none():
    """Transparent mode does not change that."""
    with Emulator(profile="transcribe", time_scale=0) as emulator, talk(emulator, VERTEX) as client:
        client.set_up(
            "publishers/google/models/gemini-3.8-live",
            sessionResumption={"transparent": True},
            inputAudioTranscription={},
        )
        client.say("Hello")
        messages = [client.receive()]
        while "generationComplete" not in messages[-1].get("serverContent", {}):
            messages.append(client.receive())
    assert not any("sessionResumptionUpdate" in message for message in messages)


def test_a_resumed_session_need_not_be_transparent_any_more(emulator):
    """Its handles then name the session itself, without numbers."""
    with converse(emulator, "vertex-2.5", transparent=True) as (client, _):
        say_without_an_end(client, "One")
        handle = receive_update(client)["newHandle"]
        say_without_an_end(client, "Two")
        receive_update(client)
    with converse(emulator, "vertex-2.5", handle) as (client, handle):
        assert last_said(client) == "One"
        assert ask(client, "Three") == "Three"
    with converse(emulator, "vertex-2.5", handle) as (client, _):
        assert last_said(client) == "Three"
