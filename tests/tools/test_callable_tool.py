"""An object that declares functions and answers their calls itself is declared as what it says that it is."""

from collections.abc import Sequence
from typing import Any

import pytest

from genai_live import ConfigurationError, types
from genai_live.tools import CallableTool, asked_once, declared
from tests.service import MODEL, answer_close, service
from tests.timing import SOON
from tests.tools.test_declaring import NOW, WEATHER, as_sent, get_weather, now

LIST_BOOKS = {"name": "list_books", "description": "Lists the books."}


class Shelf:
    """A CallableTool that says of itself what it was given, and counts how often it was asked."""

    def __init__(self, answer: Any = None) -> None:
        self.answer = answer or types.Tool(function_declarations=[types.FunctionDeclaration(**LIST_BOOKS)])
        self.asked = 0

    def tool(self) -> types.Tool:
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def call_tool(self, calls: Sequence[types.FunctionCall]) -> list[types.FunctionResponse]:
        return [types.FunctionResponse(id=call.id, response={"output": ["Walden"]}) for call in calls]


class CallableShelf(Shelf):
    """One that can be called as well, like a function."""

    def __call__(self) -> None:
        """Is not what is declared."""


class TestInASession:
    @pytest.mark.parametrize("kind", [Shelf, CallableShelf])
    def test_the_setup_declares_it(self, kind: type[Shelf]) -> None:
        """It is asked once, and declared by what it says; that it can be called makes it no function."""
        shelf = kind()
        assert isinstance(shelf, CallableTool)
        assert as_sent(shelf) == [{"functionDeclarations": [LIST_BOOKS]}]
        assert shelf.asked == 1

    def test_beside_functions_and_tools(self) -> None:
        """All declarations go into the last tool, in their order; what else it holds goes before."""
        answer = types.Tool(
            function_declarations=[types.FunctionDeclaration(name="a"), types.FunctionDeclaration(name="b")],
            google_search=types.GoogleSearch(),
        )
        assert as_sent(get_weather, Shelf(answer), {"url_context": {}}, now, Shelf()) == [
            {"googleSearch": {}},
            {"urlContext": {}},
            {"functionDeclarations": [WEATHER, {"name": "a"}, {"name": "b"}, NOW, LIST_BOOKS]},
        ]

    def test_one_without_functions(self) -> None:
        """No empty tool is sent for it."""
        assert as_sent(Shelf(types.Tool(google_search=types.GoogleSearch()))) == [{"googleSearch": {}}]

    def test_as_a_dict(self) -> None:
        """What it says may be written as any other tool may."""
        assert as_sent(Shelf({"functionDeclarations": [LIST_BOOKS]})) == [
            {"functionDeclarations": [LIST_BOOKS]}
        ]


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        ("tool", "complaint"),
        [
            (Shelf(OSError("no network")), r"Shelf\.tool\(\) raised OSError: no network"),
            (Shelf([1]), r"^config\.tools\[1\]\.tool\(\): expected Tool or dict, got list"),
            (Shelf({"google_serch": {}}), r"tool\(\)\.google_serch: unknown field of Tool; did you mean"),
            (Shelf(types.Tool(enterprise_web_search=types.EnterpriseWebSearch())), "only Vertex AI has this"),
            (
                Shelf(types.Tool(function_declarations=[types.FunctionDeclaration(name="now")])),
                "there is another function called 'now'",
            ),
            (Shelf, "the class Shelf cannot be declared"),
        ],
        ids=[
            "it raises",
            "no tool",
            "a wrong name",
            "not on this surface",
            "a name that is taken",
            "a class",
        ],
    )
    def test_before_connecting(self, tool: Any, complaint: str) -> None:
        """With its place among the tools."""
        with service(answer_close) as client:
            with pytest.raises(ConfigurationError, match=complaint) as caught:
                client.live.connect(model=MODEL, config={"tools": [now, tool]}, timeout=SOON)
        assert caught.value.where.startswith("config.tools[1]")

    def test_the_cause_is_kept(self) -> None:
        """What it raised is chained."""
        error = OSError("no network")
        with pytest.raises(ConfigurationError) as caught:
            declared([Shelf(error)], "tools")
        assert caught.value.__cause__ is error

    def test_what_lacks_a_method(self) -> None:
        """It is no CallableTool, and none of the other things that may stand among the tools."""

        class Half:
            def tool(self) -> types.Tool:
                return types.Tool()

        with service(answer_close) as client, pytest.raises(ConfigurationError, match="got Half"):
            client.live.connect(model=MODEL, config={"tools": [Half()]}, timeout=SOON)

    def test_the_surface_decides(self) -> None:
        """What only Vertex AI has is declared there."""
        search = types.Tool(enterprise_web_search=types.EnterpriseWebSearch())
        assert declared([Shelf(search)], "tools", vertexai=True) == [search]


class TestAskedOnce:
    def test_it_answers_the_same_from_then_on(self) -> None:
        """So that it is declared as what is called, though it changes; other tools stay as they are."""
        shelf, other = Shelf(), types.Tool()
        tools = asked_once([now, shelf, other], "tools", vertexai=False)
        before = shelf.answer
        shelf.answer = types.Tool()
        assert tools[0] is now
        assert tools[2] is other
        assert declared(tools, "tools")[0].function_declarations[1:] == before.function_declarations
        assert tools[1].tool() == before
        assert asked_once(tools, "tools", vertexai=False) == tools
        assert shelf.asked == 1

    def test_calls_go_to_it(self) -> None:
        """With its own answers."""
        (asked,) = asked_once([Shelf()], "tools", vertexai=False)
        (response,) = asked.call_tool([types.FunctionCall(id="1", name="list_books")])
        assert response == types.FunctionResponse(id="1", response={"output": ["Walden"]})
