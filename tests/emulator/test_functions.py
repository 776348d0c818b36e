"""Functions that the model calls: from the echo and from scenarios, and what becomes of their responses."""

from contextlib import contextmanager

import pytest

from genai_live.emulator import Emulator
from genai_live.errors import ConfigurationError
from tests.emulator.live_client import talk, text_of, transcription_of
from tests.emulator.resuming import MODELS, ask, converse, emulate, receive_answer
from tests.emulator.speaking import speak

BLOCKING = ["2.0", "2.5", "3.1", "vertex-2.5", "vertex-3.8"]
"""Models whose functions are BLOCKING by default."""
CANCELLING = ["2.0", "2.5", "3.1", "vertex-2.5"]
"""Models that cancel a call when they are interrupted."""
OSLO = 'get_weather({"city": "Oslo"})'


def declare(*names, **declaration):
    """Tools with functions of these names."""
    return [{"functionDeclarations": [{"name": name, "description": name, **declaration} for name in names]}]


class Talker:
    """A connection whose model can call get_weather and get_time."""

    def __init__(self, client):
        self.client = client

    def receive_calls(self):
        """Receive messages up to the next tool call; return its calls."""
        while "toolCall" not in (message := self.client.receive()):
            assert "toolCallCancellation" not in message
        return message["toolCall"]["functionCalls"]

    def receive_until(self, key):
        """Receive messages up to the next of this kind; return all."""
        messages = [self.client.receive()]
        while key not in messages[-1] and key not in messages[-1].get("serverContent", {}):
            messages.append(self.client.receive())
        return messages

    def respond(self, call, response=None, **fields):
        """Answer a call."""
        answer = {"id": call["id"], "name": call["name"], "response": response or {}, **fields}
        self.client.send({"toolResponse": {"functionResponses": [answer]}})

    def call(self, text=OSLO):
        """Have the echo call; return the calls."""
        self.client.say(text)
        return self.receive_calls()

    def hears_of(self, *texts):
        """Check that the model says these next, each in a turn of its own."""
        assert [receive_answer(self.client) for _ in texts] == list(texts)


@contextmanager
def talking(emulator, model, *, setup=None, **declaration):
    """Open a connection whose model can call get_weather and get_time."""
    path, name = MODELS[model]
    with talk(emulator, path) as client:
        tools = declare("get_weather", "get_time", **declaration)
        assert "setupComplete" in client.set_up(name, tools=tools, outputAudioTranscription={}, **setup or {})
        yield Talker(client)


@pytest.mark.parametrize("model", MODELS)
def test_the_echo_calls_what_is_written_as_a_call(emulator, model):
    """The function is called with these arguments, and the model speaks of what it answered."""
    with talking(emulator, model) as talker:
        (call,) = talker.call()
        assert (call["name"], call["args"]) == ("get_weather", {"city": "Oslo"})
        talker.respond(call, {"output": "rain"})
        talker.hears_of('get_weather answered {"output": "rain"}.')


@pytest.mark.parametrize(
    "text",
    [
        'get_weather({"city": "Oslo"}); get_time()',
        'get_weather({"city": "Oslo"})\nget_time({})\n',
        ' get_weather( {"city": "Oslo"} ) ;\n get_time( ) ; ',
    ],
)
def test_several_calls_come_together(emulator, text):
    """With a semicolon or a new line between them, and any white space around."""
    with talking(emulator, "2.0") as talker:
        calls = talker.call(text)
    assert [(call["name"], call["args"]) for call in calls] == [
        ("get_weather", {"city": "Oslo"}),
        ("get_time", {}),
    ]


@pytest.mark.parametrize(
    "text",
    [
        'get_rain({"city": "Oslo"})',
        "get_weather",
        "get_weather (), is it?",
        "get_weather() please",
        "Please get_weather()",
        "get_weather(Oslo)",
        "get_weather([1])",
        'get_weather({"city": NaN})',
        'get_weather({"city": 1e999})',
        r'get_weather({"city": "\ud800"})',
        'get_weather({"city": ' + "[" * 100_000 + "})",
        "get_weather(); get_rain()",
        "get_weather() get_time()",
        "get_weather({)",
    ],
)
def test_anything_else_is_a_text(emulator, text):
    """It is said back: also where a function is not declared, or the arguments are no JSON object."""
    with talking(emulator, "2.0") as talker:
        assert ask(talker.client, text) == text


def test_realtime_text_calls_too(emulator):
    """As content does."""
    with talking(emulator, "3.1") as talker:
        talker.client.send({"realtimeInput": {"text": OSLO}})
        assert [call["name"] for call in talker.receive_calls()] == ["get_weather"]


def test_a_context_update_declares_anew(emulator):
    """What it declares can be called, and nothing else; without tools it changes nothing."""
    with talking(emulator, "3.8") as talker:
        tools = declare("get_rain", behavior="BLOCKING")
        talker.client.send({"contextUpdate": {"tools": {"tools": tools}}})
        assert ask(talker.client, OSLO) == OSLO
        talker.client.send({"contextUpdate": {"systemInstruction": {"parts": [{"text": "Be kind"}]}}})
        talker.client.say("get_rain()")
        (call,) = talker.receive_calls()
        talker.respond(call)
        turn = talker.client.receive_turn()
        assert transcription_of(turn) == "get_rain answered {}."
        talker.client.send({"contextUpdate": {"tools": {}}})
        assert ask(talker.client, "get_rain()") == "get_rain()"


@pytest.mark.parametrize("model", BLOCKING)
def test_the_model_waits_for_all_blocking_calls(emulator, model):
    """It speaks once, of all responses, when the last one has come."""
    with talking(emulator, model) as talker:
        one, two = talker.call("get_weather(); get_time()")
        talker.respond(two, {"output": 12}, scheduling="SILENT")
        talker.respond(one, {"output": "rain"}, scheduling="INTERRUPT")
        talker.hears_of('get_time answered {"output": 12}.\nget_weather answered {"output": "rain"}.')
        assert ask(talker.client, "Thanks") == "Thanks"


def test_the_model_speaks_of_each_non_blocking_call(emulator):
    """As its response comes, while the other is still awaited."""
    with talking(emulator, "3.8") as talker:
        one, two = talker.call("get_weather(); get_time()")
        talker.respond(two, {"output": 12})
        talker.hears_of('get_time answered {"output": 12}.')
        talker.respond(one)
        talker.hears_of("get_weather answered {}.")


@pytest.mark.parametrize("inside", [False, True], ids=["beside", "inside"])
@pytest.mark.parametrize("model", ["2.5", "3.8", "vertex-2.5"])
def test_a_silent_response_is_not_spoken_of(emulator, model, inside):
    """Wherever the scheduling stands: beside the response's content, or in it."""
    with talking(emulator, model, behavior="NON_BLOCKING") as talker:
        one, two = talker.call("get_weather(); get_time()")
        silent = {"scheduling": "SILENT"}
        if inside:
            talker.respond(one, {"output": "rain", **silent})
        else:
            talker.respond(one, {"output": "rain"}, **silent)
        talker.respond(two)
        talker.hears_of("get_time answered {}.")


def speaking():
    """An emulator whose model says something long, after it has called."""
    return emulate(
        {"expect": "Go", "answer": {"call": {"name": "get_weather", "id": "1"}}},
        {"expect": "Talk", "answer": ["a b", {"after": 5, "text": " c d"}]},
        {"expect": {"toolResponse": {}}, "answer": "Rain"},
        time_scale=0.1,
    )


@pytest.mark.parametrize("scheduling", [{}, {"scheduling": "WHEN_IDLE"}], ids=["by default", "WHEN_IDLE"])
def test_a_response_waits_until_the_model_is_idle(scheduling):
    """What it is saying is said to its end."""
    with speaking() as emulator, talking(emulator, "2.0", behavior="NON_BLOCKING") as talker:
        talker.client.say("Go")
        (call,) = talker.receive_calls()
        talker.receive_until("turnComplete")
        talker.client.say("Talk")
        begun = talker.client.receive()
        talker.respond(call, **scheduling)
        assert text_of([begun, *talker.client.receive_turn()]) == "a b c d"
        assert text_of(talker.client.receive_turn()) == "Rain"


def test_a_response_can_interrupt():
    """INTERRUPT cuts off what the model is saying, and it speaks of the response at once."""
    with speaking() as emulator, talking(emulator, "2.0", behavior="NON_BLOCKING") as talker:
        talker.client.say("Go")
        (call,) = talker.receive_calls()
        talker.receive_until("turnComplete")
        talker.client.say("Talk")
        talker.client.receive()
        talker.client.receive()
        talker.respond(call, scheduling="INTERRUPT")
        assert talker.client.receive() == {"serverContent": {"interrupted": True}}
        assert talker.client.receive() == {"serverContent": {"turnComplete": True}}
        assert text_of(talker.client.receive_turn()) == "Rain"


@pytest.mark.parametrize("model", ["2.5", "3.8", "vertex-2.5"])
def test_a_call_that_has_just_been_made_is_not_interrupted_by_its_response(emulator, model):
    """INTERRUPT cuts off what is being said, and there is nothing."""
    with talking(emulator, model, behavior="NON_BLOCKING") as talker:
        (call,) = talker.call()
        talker.respond(call, scheduling="INTERRUPT")
        messages = [message for _ in range(2) for message in talker.client.receive_turn()]
        assert transcription_of(messages) == "get_weather answered {}."
        assert not any("interrupted" in message.get("serverContent", {}) for message in messages)


@pytest.mark.parametrize("model", ["2.5", "3.8", "vertex-2.5"])
def test_the_model_speaks_of_each_part_of_a_response(emulator, model):
    """Until one ends the call; an empty one does so without a word."""
    with talking(emulator, model, behavior="NON_BLOCKING") as talker:
        (call,) = talker.call()
        talker.respond(call, {"output": 1}, willContinue=True)
        talker.hears_of('get_weather answered {"output": 1}.')
        talker.respond(call, {"output": 2}, willContinue=True)
        talker.hears_of('get_weather answered {"output": 2}.')
        talker.respond(call, {}, willContinue=False)
        assert ask(talker.client, "Thanks") == "Thanks"


def test_the_parts_of_a_blocking_call_are_spoken_of_together(emulator):
    """When the last has come: the model waits for it."""
    with talking(emulator, "2.0") as talker:
        (call,) = talker.call()
        talker.respond(call, {"output": 1}, willContinue=True)
        talker.respond(call, {"output": 2}, willContinue=True)
        talker.respond(call)
        talker.hears_of('get_weather answered {"output": 1}.\nget_weather answered {"output": 2}.')


@pytest.mark.parametrize("model", CANCELLING)
def test_an_interruption_cancels_the_calls_that_the_model_waits_for(emulator, model):
    """The client is told their ids; a response that still comes is ignored."""
    with talking(emulator, model) as talker:
        one, two, three = talker.call("get_weather(); get_time(); get_time()")
        talker.respond(three)
        talker.client.say("Never mind")
        cancellation = talker.receive_until("toolCallCancellation")[-1]
        assert cancellation == {"toolCallCancellation": {"ids": [one["id"], two["id"]]}}
        talker.respond(one)
        talker.respond(two)
        talker.hears_of("Never mind")
        assert ask(talker.client, "And now?") == "And now?"


def test_speech_cancels_too(emulator):
    """As soon as the user begins to speak."""
    with talking(emulator, "2.0") as talker:
        (call,) = talker.call()
        speak(talker.client)
        assert talker.client.receive() == {"toolCallCancellation": {"ids": [call["id"]]}}
        assert talker.client.receive() == {"serverContent": {"interrupted": True}}


def test_who_may_not_interrupt_cancels_nothing(emulator):
    """With NO_INTERRUPTION the call waits on, and is answered."""
    quiet = {"activityHandling": "NO_INTERRUPTION"}
    with talking(emulator, "2.0", setup={"realtimeInputConfig": quiet}) as talker:
        (call,) = talker.call()
        talker.client.send({"realtimeInput": {"text": "Meanwhile"}})
        talker.hears_of("Meanwhile")
        talker.respond(call)
        talker.hears_of("get_weather answered {}.")


def test_a_call_that_the_model_does_not_wait_for_is_not_cancelled(emulator):
    """The user may speak while it runs."""
    with talking(emulator, "2.5", behavior="NON_BLOCKING") as talker:
        (call,) = talker.call()
        assert ask(talker.client, "Meanwhile") == "Meanwhile"
        talker.respond(call)
        talker.hears_of("get_weather answered {}.")


@pytest.mark.parametrize("model", ["3.8", "vertex-3.8"])
def test_on_3_8_an_interruption_drops_the_call_and_it_comes_again(emulator, model):
    """Nothing is said of it, its response is ignored, and the same call comes under another id."""
    with talking(emulator, model) as talker:
        (call,) = talker.call()
        talker.client.say("Meanwhile")
        (again,) = talker.receive_calls()
        assert again["id"] != call["id"]
        assert again | {"id": ""} == call | {"id": ""}
        talker.respond(call, {"output": "too late"})
        talker.respond(again, {"output": "rain"})
        said = [receive_answer(talker.client) for _ in range(2)]
        assert sorted(said) == ["Meanwhile", 'get_weather answered {"output": "rain"}.']


@pytest.mark.parametrize("complete", [False, True], ids=["added content", "turns"])
def test_a_call_that_was_dropped_comes_again_once_however_often_the_user_speaks(complete):
    """Also where the user speaks again before that."""
    with Emulator(time_scale=0.2) as emulator, talking(emulator, "3.8") as talker:
        (call,) = talker.call()
        talker.receive_until("turnComplete")
        for text in ("One", "Two", "Three"):
            talker.client.say(text, turnComplete=complete)
        (again,) = talker.receive_calls()
        assert again["id"] != call["id"]
        talker.respond(again)
        messages = []
        while "get_weather answered {}." not in transcription_of(messages):
            messages.append(talker.client.receive())
        assert not [message for message in messages if "toolCall" in message]


def test_a_call_that_was_dropped_comes_again_in_the_next_connection():
    """Where the connection ended before that."""
    tools = declare("get_weather")
    with Emulator() as emulator:
        with converse(emulator, "3.8", tools=tools) as (client, handle):
            (call,) = Talker(client).call()
            client.say("Meanwhile")
            client.say("And more")
            emulator.wait_until(lambda: len(emulator.connections[0].received) == 4)
        with converse(emulator, "3.8", handle, tools=tools) as (client, _):
            (again,) = Talker(client).receive_calls()
    assert again["id"] != call["id"]
    assert again | {"id": ""} == call | {"id": ""}


def test_a_scenario_cancels_calls():
    """Whichever it says; of those it takes no response, and of the others it does."""
    calls = [{"name": "get_weather", "id": "1"}, {"name": "get_time", "id": "2"}]
    with (
        emulate(
            {"expect": "Go", "answer": [{"call": calls}, {"cancel": ["1"]}]},
            {"expect": {"toolResponse": {"functionResponses": [{"id": "2"}]}}, "answer": "Done"},
        ) as emulator,
        talking(emulator, "2.0") as talker,
    ):
        talker.client.say("Go")
        one, two = talker.receive_calls()
        assert talker.client.receive() == {"toolCallCancellation": {"ids": ["1"]}}
        talker.respond(one)
        talker.respond(two)
        talker.hears_of("Done")


def test_a_scenario_makes_the_same_call_twice():
    """The same id comes again, as it is written; one response answers both."""
    call = {"call": {"name": "get_weather", "id": "1"}}
    with (
        emulate(
            {"expect": "Go", "answer": [call, call]},
            {"expect": {"toolResponse": {}}, "answer": "Done"},
            {"expect": "And now?", "answer": "Now"},
        ) as emulator,
        talking(emulator, "2.0") as talker,
    ):
        talker.client.say("Go")
        assert [talker.receive_calls()[0]["id"] for _ in range(2)] == ["1", "1"]
        talker.respond({"id": "1", "name": "get_weather"})
        talker.hears_of("Done")
        assert ask(talker.client, "And now?") == "Now"


@pytest.mark.parametrize("ids", ["1", [], [1], {"id": "1"}])
def test_what_is_cancelled_must_be_a_list_of_ids(ids):
    """A scenario with anything else is refused."""
    with pytest.raises(ConfigurationError, match=r"steps\[0\]\.answer\.cancel.*: must be"):
        emulate({"answer": {"cancel": ids}})
