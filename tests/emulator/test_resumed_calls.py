"""Function calls whose connection ends: which responses the resumed session takes."""

import pytest

from genai_live.emulator import ScenarioMismatch
from tests.emulator.resuming import (
    NAMING,
    ask,
    converse,
    emulate,
    receive_answer,
    receive_call,
    receive_update,
    respond,
)

CALLING = (
    {"expect": "Go", "answer": {"call": {"name": "f"}}},
    {"expect": {"toolResponse": {}}, "answer": "Done"},
    {"expect": "And now?", "answer": "Now"},
)
"""A function call, its answer, and a turn after it."""


@pytest.mark.parametrize("model", NAMING)
def test_a_call_that_waits_survives(model):
    """Its response is taken in the next connection."""
    with emulate(*CALLING) as emulator:
        with converse(emulator, model) as (client, handle):
            client.say("Go")
            call_id = receive_call(client)
            emulator.drop_connections()
            assert client.receive_close() == (1006, "")
        with converse(emulator, model, handle) as (client, _):
            respond(client, call_id)
            assert receive_answer(client) == "Done"
            assert ask(client, "And now?") == "Now"


def test_a_response_that_comes_to_a_session_before_its_call_is_ignored():
    """On 3.1 the session as it was has not made the call; it makes a new one when it is asked again."""
    with emulate(*CALLING) as emulator:
        with converse(emulator, "3.1") as (client, before_the_call):
            client.say("Go")
            late = receive_call(client)
        with converse(emulator, "3.1", before_the_call) as (client, _):
            respond(client, late)
            client.say("Go")
            call_id = receive_call(client)
            assert call_id != late
            respond(client, call_id)
            assert receive_answer(client) == "Done"


def test_a_response_that_is_ignored_is_not_billed():
    """The usage is the same as without it."""
    prompts = []
    with emulate(*CALLING) as emulator:
        with converse(emulator, "3.1") as (client, before_the_call):
            client.say("Go")
            late = receive_call(client)
        for responses in ([late], []):
            with converse(emulator, "3.1", before_the_call) as (client, _):
                for call_id in responses:
                    respond(client, call_id, response={"output": "a long story"})
                client.say("Go")
                respond(client, receive_call(client))
                prompts.append(client.receive_turn()[-1]["usageMetadata"]["promptTokenCount"])
    assert prompts[0] == prompts[1]


def test_a_handle_of_3_1_from_after_the_call_knows_it():
    """A scenario can give one while the function runs."""
    call, *others = CALLING
    calling = {"expect": "Go", "answer": [call["answer"], {"handle": {"resumable": True}}]}
    with emulate(calling, *others) as emulator:
        with converse(emulator, "3.1") as (client, _):
            client.say("Go")
            call_id = receive_call(client)
            handle = receive_update(client)["newHandle"]
        with converse(emulator, "3.1", handle) as (client, _):
            respond(client, call_id)
            assert receive_answer(client) == "Done"


def test_a_response_that_was_taken_before_is_ignored():
    """A client that sends it again after the resumption, as it may be lost, does no harm."""
    with emulate(*CALLING) as emulator:
        with converse(emulator, "3.8") as (client, handle):
            client.say("Go")
            call_id = receive_call(client)
            respond(client, call_id)
            assert receive_answer(client) == "Done"
        with converse(emulator, "3.8", handle) as (client, _):
            respond(client, call_id)
            assert ask(client, "And now?") == "Now"


def test_without_a_resumption_every_response_counts():
    """A client that answers a call twice does not follow the scenario."""

    def run():
        with emulate(*CALLING) as emulator, converse(emulator, "3.8") as (client, _):
            client.say("Go")
            call_id = receive_call(client)
            respond(client, call_id)
            respond(client, call_id)
            assert client.receive_close()[0] == 1008

    with pytest.raises(ScenarioMismatch, match="expected the user's text"):
        run()


def test_of_several_responses_those_that_are_waited_for_are_taken():
    """The scenario sees nothing of the others."""
    calls = [{"name": "f", "id": "one"}, {"name": "f", "id": "two"}]
    with emulate(
        {"expect": "Go", "answer": {"call": calls}},
        {"expect": {"toolResponse": {"functionResponses": [{"id": "one"}]}}, "answer": "Half"},
        {"expect": {"toolResponse": {"functionResponses": [{"id": "two"}]}}, "answer": "Whole"},
    ) as emulator:
        with converse(emulator, "2.5") as (client, handle):
            client.say("Go")
            receive_call(client)
            respond(client, "one")
            assert receive_answer(client) == "Half"
        with converse(emulator, "2.5", handle) as (client, _):
            respond(client, "one", "two")
            assert receive_answer(client) == "Whole"


def test_a_call_waits_while_its_responses_continue():
    """willContinue says that another one follows, in whichever connection."""
    call, one, _ = CALLING
    with emulate(call, one, one) as emulator:
        with converse(emulator, "3.8") as (client, handle):
            client.say("Go")
            call_id = receive_call(client)
            respond(client, call_id, willContinue=True)
            assert receive_answer(client) == "Done"
        with converse(emulator, "3.8", handle) as (client, _):
            respond(client, call_id, willContinue=False)
            assert receive_answer(client) == "Done"


def test_the_echo_answers_responses_to_calls_that_nobody_made(emulator):
    """In a resumed session as in any: it makes no calls, and tests of clients need none."""
    with converse(emulator, "2.0") as (_, handle):
        pass
    with converse(emulator, "2.0", handle) as (client, _):
        respond(client, "1")
        assert receive_answer(client) == "f answered {}."
