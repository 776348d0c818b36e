"""A Python function among the tools is declared to the model, and its calls come as messages."""

import functools
from collections.abc import Callable
from queue import SimpleQueue
from types import MethodType
from typing import Any

import pytest

from genai_live import ConfigurationError, types
from genai_live.tools import ToolContext, declared
from genai_live.types import FunctionDeclaration, Tool
from tests.service import MODEL, accept_setup, answer_close, conversing, message, read_message, service
from tests.timing import SOON


def get_weather(city: str, days: int = 1) -> str:
    """Tells the weather.

    Args:
        city: Where.
        days: How many days ahead.
    """
    return f"{city} {days}"


def now() -> str:
    """Tells the time."""
    return "noon"


WEATHER = {
    "name": "get_weather",
    "description": "Tells the weather.\n\nArgs:\n    city: Where.\n    days: How many days ahead.",
    "parametersJsonSchema": {
        "type": "object",
        "properties": {"city": {"type": "string"}, "days": {"type": "integer", "default": 1}},
        "required": ["city"],
    },
    "responseJsonSchema": {"type": "string"},
}
NOW = {"name": "now", "description": "Tells the time."}


def setup_with(config: Any) -> dict[str, Any]:
    """The setup message that a session of this config begins with."""
    setups: SimpleQueue[dict[str, Any]] = SimpleQueue()

    def handle(peer):
        setups.put(accept_setup(peer)["setup"])
        answer_close(peer)

    with service(handle) as client, client.live.connect(model=MODEL, config=config, timeout=SOON):
        return setups.get(timeout=SOON)


class TestInASession:
    @pytest.mark.parametrize(
        "config",
        [
            {"tools": [get_weather]},
            types.LiveConnectConfig(tools=[get_weather]),
        ],
        ids=["in a dict", "in the class"],
    )
    def test_the_setup_declares_it(self, config):
        """Signature and docstring become a declaration, however the config is written; it is not changed."""
        assert setup_with(config)["tools"] == [{"functionDeclarations": [WEATHER]}]
        given = config["tools"] if isinstance(config, dict) else config.tools
        assert given == [get_weather]

    def test_a_call_is_answered_by_hand(self):
        """The call of a declared function is delivered as any other."""
        answers: SimpleQueue[dict[str, Any]] = SimpleQueue()

        def handle(peer):
            call = {"id": "1", "name": "get_weather", "args": {"city": "Oslo"}}
            peer.send(message({"toolCall": {"functionCalls": [call]}}))
            answers.put(read_message(peer))
            answer_close(peer)

        with conversing(handle, config={"tools": [get_weather]}) as session:
            received = next(iter(session.messages(timeout=SOON)))
            (call,) = received.tool_call.function_calls
            response = {"id": call.id, "name": call.name, "response": {"output": get_weather(**call.args)}}
            session.send_tool_response(function_responses=response)
            sent = answers.get(timeout=SOON)
        assert sent["toolResponse"]["functionResponses"][0]["response"] == {"output": "Oslo 1"}

    def test_a_context_update_declares_it(self):
        """So does a change of the tools in mid-session."""
        updates: SimpleQueue[dict[str, Any]] = SimpleQueue()

        def handle(peer):
            updates.put(read_message(peer))
            answer_close(peer)

        with conversing(handle) as session:
            session.send_context_update(tools=[now])
            update = updates.get(timeout=SOON)
        assert update == {"contextUpdate": {"tools": {"tools": [{"functionDeclarations": [NOW]}]}}}

    def test_what_cannot_be_declared_is_refused_before_connecting(self):
        """With the place in the config, the function, the parameter, and what to do."""

        def untyped(thing):
            """Has no hint."""

        complaint = r"^config\.tools\[1\]: untyped\(\): the parameter 'thing': it has no type hint; write one"
        with service(answer_close) as client:
            with pytest.raises(ConfigurationError, match=complaint) as caught:
                client.live.connect(model=MODEL, config={"tools": [now, untyped]}, timeout=SOON)
        assert caught.value.where == "config.tools[1]"

    def test_an_async_generator_is_not_run(self):
        """A session that was to run it is refused; one whose calls are answered by hand declares it."""

        async def wait_often():
            """Waits."""
            yield

        declarations: list[dict[str, Any]] = []

        def handle(peer):
            declarations.extend(accept_setup(peer)["setup"]["tools"][0]["functionDeclarations"])
            answer_close(peer)

        config = {"tools": [wait_often]}
        with service(handle) as client:
            with pytest.raises(ConfigurationError, match=r"wait_often\(\) is an async generator"):
                client.live.connect(model=MODEL, config=config, timeout=SOON)
            client.live.connect(
                model=MODEL, config=config, automatic_function_calling=False, timeout=SOON
            ).close()
        assert [declaration["name"] for declaration in declarations] == ["wait_often"]


def as_sent(*tools: Any) -> list[dict[str, Any]]:
    """The tools with the functions among them declared, as the setup holds them."""
    return setup_with({"tools": list(tools)})["tools"]


class TestBesideOtherTools:
    def test_functions_share_one_tool(self):
        """In the order in which they were given."""
        assert as_sent(get_weather, now) == [{"functionDeclarations": [WEATHER, NOW]}]

    def test_declarations_join_them_and_other_tools_go_before(self):
        """As google-genai does it; a tool keeps what else it holds."""
        both = {"google_search": {}, "function_declarations": [{"name": "a"}]}
        assert as_sent(now, both, {"url_context": {}}) == [
            {"googleSearch": {}},
            {"urlContext": {}},
            {"functionDeclarations": [NOW, {"name": "a"}]},
        ]

    def test_nothing_is_left_of_a_tool_that_held_declarations_only(self):
        """Also where an empty tool would be sent."""
        (one,) = declared([now, Tool(function_declarations=[FunctionDeclaration(name="a")])], "tools")
        assert [declaration.name for declaration in one.function_declarations] == ["now", "a"]

    def test_tools_without_a_function_stay_as_they_are(self):
        """Nothing is joined where there is nothing to declare."""
        tools = [Tool(function_declarations=[FunctionDeclaration(name=name)]) for name in "ab"]
        assert declared(tools, "tools") == tools

    @pytest.mark.parametrize("second", [now, Tool(function_declarations=[FunctionDeclaration(name="now")])])
    def test_two_of_one_name_are_refused(self, second):
        """A call names its function, so the name has to tell which."""
        with pytest.raises(ConfigurationError, match=r"^tools\[1\]: there is another function called 'now'"):
            declared([now, second], "tools")


class TestContext:
    def test_its_parameter_is_not_declared(self):
        """The model is told of the others only; a function that takes nothing else has no parameters."""

        def search(query: str, context: "ToolContext | None" = None) -> None:
            """Searches."""

        def stop(it: ToolContext) -> None:
            """Stops."""

        assert as_sent(search, stop) == [
            {
                "functionDeclarations": [
                    {
                        "name": "search",
                        "description": "Searches.",
                        "parametersJsonSchema": {
                            "type": "object",
                            "properties": {"query": {"type": "string"}},
                            "required": ["query"],
                        },
                        "responseJsonSchema": {"type": "null"},
                    },
                    {"name": "stop", "description": "Stops."},
                ]
            }
        ]

    def test_by_hand(self):
        """Nor is it where a function is declared by hand."""

        def stop(it: ToolContext) -> None:
            """Stops."""

        assert FunctionDeclaration.from_callable(callable=stop) == FunctionDeclaration(
            name="stop", description="Stops."
        )

    def test_two_are_refused(self):
        """Only one can get it; the error names both."""

        def search(one: ToolContext, query: str, two: ToolContext | None) -> None:
            """Searches."""

        complaint = r"^tools\[0\]: search\(\): 'one' and 'two' have the same type hint; only one can get it"
        with pytest.raises(ConfigurationError, match=complaint):
            declared([search], "tools")


class Greeter:
    def __call__(self, city: str) -> str:
        """Is no function."""
        return city


class TestWhatIsNoFunction:
    @pytest.mark.parametrize(
        ("value", "complaint"),
        [
            (Greeter, "the class Greeter cannot be declared"),
            (Greeter(), "a Greeter cannot be declared"),
            (MethodType(functools.partial(get_weather), "Oslo"), "a partial cannot be declared"),
            (len, "a builtin_function_or_method cannot be declared"),
            (lambda: 1, "'<lambda>' is no name for a function that a model calls"),
            (3, "expected Tool or dict, got int"),
        ],
        ids=["class", "instance", "method of a partial", "builtin", "lambda", "number"],
    )
    def test_it_is_refused(self, value: Callable[..., Any], complaint: str):
        """The error says what it is."""
        with service(answer_close) as client, pytest.raises(ConfigurationError, match=complaint):
            client.live.connect(model=MODEL, config={"tools": [value]}, timeout=SOON)
