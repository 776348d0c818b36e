"""Sessions that outlive their connections: what a handle brings back, and which handles are refused."""

import socket
from uuid import UUID, uuid4

import pytest

from genai_live.emulator import Emulator, ScenarioMismatch
from genai_live.emulator.echo import Echo
from genai_live.emulator.refusal import Refusal
from genai_live.emulator.resumption import Memory, Sessions
from genai_live.emulator.usage import UsageMeter
from tests.emulator.live_client import VERTEX, talk_set_up
from tests.emulator.resuming import (
    MODELS,
    NAMING,
    ask,
    close_of,
    converse,
    emulate,
    last_said,
    receive_answer,
    receive_update,
)
from tests.emulator.signals import silence, tone
from tests.emulator.speaking import speak

INVALID_ARGUMENT = (1007, "Request contains an invalid argument.")
NOT_FOUND = (1008, "Requested entity was not found.")
STILL_OPEN = (1011, "Internal error encountered.")


@pytest.mark.parametrize("model", NAMING)
def test_a_handle_names_the_session_itself(emulator, model):
    """What was said after it was given is remembered too; so it is with every model but 3.1."""
    with converse(emulator, model) as (client, handle):
        assert ask(client, "My name is Ada") == "My name is Ada"
    with converse(emulator, model, handle) as (client, another):
        assert another != handle
        assert last_said(client) == "My name is Ada"
        ask(client, "My name is Grace")
    for each in (handle, another):
        with converse(emulator, model, each) as (client, _):
            assert last_said(client) == "My name is Grace"


def test_a_handle_of_3_1_names_the_session_as_it_was(emulator):
    """Each brings back what had been said when it was given, as often as it is used."""
    with converse(emulator, "3.1") as (client, first):
        ask(client, "One")
        after_one = receive_update(client)["newHandle"]
        ask(client, "Two")
        after_two = receive_update(client)["newHandle"]
    for handle, remembered in (
        (after_one, "One"),
        (after_two, "Two"),
        (after_one, "One"),
        (first, "Hello."),
    ):
        with converse(emulator, "3.1", handle) as (client, _):
            assert last_said(client) == remembered
            ask(client, "Three")


@pytest.mark.parametrize("model", sorted(MODELS))
def test_a_scenario_goes_on_with_its_next_step(model):
    """Its opening is not given again; a new session plays it from its start."""
    steps = ({"answer": "Welcome"}, {"expect": "One", "answer": "1"}, {"expect": "Two", "answer": "2"})
    with emulate(*steps) as emulator:
        for _ in range(2):
            with converse(emulator, model) as (client, first):
                assert receive_answer(client) == "Welcome"
                assert ask(client, "One") == "1"
                newest = receive_update(client)["newHandle"] if model == "3.1" else first
            with converse(emulator, model, newest) as (client, _):
                assert ask(client, "Two") == "2"


def test_the_setup_of_a_resumption_is_compared_too():
    """What the scenario expects of a setup, it expects of each connection's."""

    def run():
        script = {"setup": {"tools": [{"googleSearch": {}}]}, "steps": []}
        with Emulator(script=script, time_scale=0) as emulator:
            with converse(emulator, "2.0", tools=[{"googleSearch": {}}]) as (_, handle):
                pass
            code, reason = close_of(emulator, "2.0", handle)
            assert (code, reason.startswith("expected setup.tools to be ")) == (1008, True)

    with pytest.raises(ScenarioMismatch, match=r"connections\[1\]: expected setup.tools"):
        run()


def test_what_the_connection_cut_off_is_not_said_any_more():
    """The rest of an answer is lost; the next step follows."""
    with emulate(
        {"expect": "One", "answer": ["Well", {"drop": True}, "1"]}, {"expect": "Two", "answer": "2"}
    ) as emulator:
        with converse(emulator, "2.0") as (client, handle):
            client.say("One")
            assert client.receive_close() == (1006, "")
        with converse(emulator, "2.0", handle) as (client, _):
            assert ask(client, "Two") == "2"


def test_the_offset_of_activity_counts_the_audio_of_all_connections(emulator):
    """1.5 s were heard before: everything is 1.5 s later."""

    def offsets(client):
        speak(client, tone(0.5), silence(1))
        found = []
        while len(found) < 2:
            if activity := client.receive().get("voiceActivity"):
                found.append(float(activity["audioOffset"].removesuffix("s")))
        return found

    with converse(emulator, "3.8") as (client, handle):
        first = offsets(client)
    with converse(emulator, "3.8", handle) as (client, _):
        assert offsets(client) == pytest.approx([offset + 1.5 for offset in first])


def test_realtime_input_of_an_earlier_connection_counts(emulator):
    """3.1 takes no content once it has come, unless the handle is from before it."""
    with converse(emulator, "3.1") as (client, before):
        client.send({"realtimeInput": {"text": "Hi"}})
        assert receive_answer(client) == "Hi"
        after = receive_update(client)["newHandle"]
    with converse(emulator, "3.1", before) as (client, _):
        assert ask(client, "Hello") == "Hello"
    with converse(emulator, "3.1", after) as (client, _):
        client.say("Hello")
        assert client.receive_close() == INVALID_ARGUMENT


def test_the_usage_bills_the_history_of_all_connections(emulator):
    """As if there had been one connection."""

    def usage(client, text):
        client.say(text)
        return client.receive_turn()[-1]["usageMetadata"]

    with converse(emulator, "2.0") as (client, _):
        usage(client, "Tell me a story")
        whole = usage(client, "And then?")
    with converse(emulator, "2.0") as (client, handle):
        usage(client, "Tell me a story")
    with converse(emulator, "2.0", handle) as (client, _):
        assert usage(client, "And then?") == whole


def test_the_usage_comes_back_as_it_was_with_a_handle_of_3_1(emulator):
    """What was said after it is not billed."""

    def usage(client):
        client.say("And then?")
        return client.receive_turn()[-1]["usageMetadata"]

    with converse(emulator, "3.1") as (client, _):
        ask(client, "Tell me a story")
        handle = receive_update(client)["newHandle"]
        first = usage(client)
    with converse(emulator, "3.1", handle) as (client, _):
        assert usage(client) == first


def test_the_settings_of_a_resumption_count(emulator):
    """An image has as many tokens as the resolution gives it that is asked for now."""
    image = {"realtimeInput": {"video": {"mimeType": "image/png", "data": ""}}}
    handle, billed = None, []
    for resolution in ("MEDIA_RESOLUTION_LOW", "MEDIA_RESOLUTION_MEDIUM"):
        settings = {"generationConfig": {"mediaResolution": resolution}}
        with converse(emulator, "2.0", handle, **settings) as (client, handle):
            client.send(image)
            client.say("What is it?")
            details = client.receive_turn()[-1]["usageMetadata"]["promptTokensDetails"]
            billed += [each["tokenCount"] for each in details if each["modality"] == "VIDEO"]
    assert billed == [64, 64 + 256]


def test_what_was_cut_off_is_not_in_the_usage_of_the_next_answer():
    """It has become a part of the prompt."""
    with emulate(
        {"expect": "One", "answer": ["12345678", {"drop": True}]}, {"expect": "Two", "answer": "1234"}
    ) as emulator:
        with converse(emulator, "2.0") as (client, handle):
            client.say("One")
            client.receive_close()
        with converse(emulator, "2.0", handle) as (client, _):
            client.say("Two")
            usage = client.receive_turn()[-1]["usageMetadata"]
    assert (usage["promptTokenCount"], usage["responseTokenCount"]) == (4, 1)


@pytest.mark.parametrize("model", sorted(MODELS))
@pytest.mark.parametrize("handle", ["a-handle", UUID(int=7).hex, f"{{{UUID(int=7)}}}"])
def test_what_is_no_uuid_is_no_handle(emulator, model, handle):
    """It is refused as malformed."""
    assert close_of(emulator, model, handle) == (1007, "Invalid session handle")


@pytest.mark.parametrize("model", sorted(MODELS))
def test_a_handle_that_was_never_given_is_not_found(emulator, model):
    """Nor is one that another emulator has given."""
    with Emulator(time_scale=0) as other, converse(other, model) as (_, handle):
        pass
    for each in (str(uuid4()), handle):
        assert close_of(emulator, model, each) == NOT_FOUND


def test_an_empty_handle_is_none(emulator):
    """It begins a session, as an unset one does."""
    with converse(emulator, "2.0", "") as (client, _):
        assert last_said(client) == "Hello."


@pytest.mark.parametrize("model", sorted(MODELS))
def test_a_session_is_not_resumed_while_its_connection_is_open(emulator, model):
    """By none of its handles; when that has ended, by one connection at a time."""
    with converse(emulator, model) as (_, first):
        assert close_of(emulator, model, first) == STILL_OPEN
    with converse(emulator, model, first) as (client, second):
        for handle in (first, second):
            assert close_of(emulator, model, handle) == STILL_OPEN
        assert ask(client, "Hello") == "Hello"
    with converse(emulator, model, second):
        pass


def test_a_session_is_resumed_when_the_client_of_its_connection_has_gone(emulator):
    """Without a close frame too, as soon as the emulator has noticed."""
    with converse(emulator, "3.8") as (client, handle):
        ask(client, "My name is Ada")
        client.socket.socket.shutdown(socket.SHUT_RDWR)
        emulator.wait_until(lambda: emulator.connections[0].closed_by == "client")
        with converse(emulator, "3.8", handle) as (another, _):
            assert last_said(another) == "My name is Ada"


def test_the_model_cannot_change(emulator):
    """Other settings can."""
    with converse(emulator, "2.0") as (_, handle):
        pass
    assert close_of(emulator, "2.5", handle) == INVALID_ARGUMENT
    with converse(emulator, "2.0", handle, systemInstruction={"parts": [{"text": "Be brief"}]}):
        pass


def test_a_model_may_be_called_by_another_of_its_names(emulator):
    """Of its names on Vertex AI, with a project and without."""
    name = "publishers/google/models/gemini-live-2.5-flash"
    with talk_set_up(
        emulator, path=VERTEX, model=f"projects/p/locations/l/{name}", sessionResumption={}
    ) as client:
        handle = client.receive()["sessionResumptionUpdate"]["newHandle"]
        client.say("My name is Ada")
        client.receive_turn()
    with converse(emulator, "vertex-2.5", handle) as (client, _):
        assert last_said(client) == "My name is Ada"


def test_who_lets_go_twice_does_not_let_go_for_another():
    """A connection whose end takes long may still be at it when the session goes on elsewhere."""
    sessions = Sessions()
    first = sessions.begin(Memory(model="m", responder=Echo(), meter=UsageMeter({})))
    handle = first.make_handle(snapshot=False)
    first.release()
    sessions.resume(handle, "m")
    first.release()
    with pytest.raises(Refusal, match=STILL_OPEN[1]):
        sessions.resume(handle, "m")


def test_sessions_can_be_forgotten(emulator):
    """Every handle so far is not found any more; the open connection goes on, and gives new ones."""
    with converse(emulator, "3.1") as (client, first):
        ask(client, "One")
        second = receive_update(client)["newHandle"]
        emulator.forget_sessions()
        ask(client, "Two")
        third = receive_update(client)["newHandle"]
    for handle in (first, second):
        assert close_of(emulator, "3.1", handle) == NOT_FOUND
    with converse(emulator, "3.1", third) as (client, _):
        assert last_said(client) == "Two"


def test_handles_stay_good_while_the_emulator_does_not_serve():
    """A service that was away comes back with its sessions; they can be forgotten meanwhile."""
    emulator = Emulator(time_scale=0)
    with emulator, converse(emulator, "2.0") as (client, handle):
        ask(client, "One")
    with emulator, converse(emulator, "2.0", handle) as (client, _):
        assert last_said(client) == "One"
    emulator.forget_sessions()
    with emulator:
        assert close_of(emulator, "2.0", handle) == NOT_FOUND


def test_a_recording_takes_every_handle():
    """It is played from its start in every connection."""
    recording = [
        ("sent", {"setup": {"model": "models/gemini-2.0-flash-live-001"}}),
        ("received", {"setupComplete": {}}),
    ]
    interactions = [{"kind": "message", "direction": way, "data": data} for way, data in recording]
    script = {"version": 1, "interactions": interactions}
    with Emulator(script=script) as emulator:
        for handle in ("a-handle", str(uuid4())):
            with talk_set_up(emulator, sessionResumption={"handle": handle}):
                pass
