"""What the decorator says of a function is declared, and known to what runs it."""

import functools
import inspect
import sys
from typing import Any

import pytest

from genai_live import ConfigurationError, types
from genai_live.tools import ToolContext, ToolSettings, declared, settings_of, tool
from tests.tools.test_declaring import as_sent
from tests.tools.test_signatures import Node


class TestDeclaration:
    def test_the_behavior(self):
        """NON_BLOCKING goes into the declaration, and the function can be called as before."""

        @tool(behavior="non_blocking")
        def order(dish: str) -> str:
            return f"ordered {dish}"

        (sent,) = as_sent(order)
        (declaration,) = sent["functionDeclarations"]
        assert declaration["behavior"] == "NON_BLOCKING"
        assert declaration["parametersJsonSchema"]["required"] == ["dish"]
        assert order("soup") == "ordered soup"

    def test_of_a_method(self):
        """A bound method has what the decorator said of it in its class, and no self."""

        class Kitchen:
            @tool(behavior=types.Behavior.BLOCKING)
            def order(self, dish: str) -> None:
                """Orders."""

        (sent,) = declared([Kitchen().order], "tools")
        (declaration,) = sent.function_declarations
        assert declaration.behavior is types.Behavior.BLOCKING
        assert list(declaration.parameters_json_schema["properties"]) == ["dish"]

    def test_parameters_of_ones_own(self):
        """The JSON Schema is sent as it is, and the signature, which could not be declared, is not read."""
        schema = {
            "type": "object",
            "properties": {"a_b": {"$ref": "#/$defs/X"}},
            "$defs": {"X": {"minimum": 1}},
        }

        @tool(parameters_json_schema=schema)
        def anything(thing, **more):
            """Takes anything."""

        (sent,) = as_sent(anything)
        assert sent["functionDeclarations"] == [
            {"name": "anything", "description": "Takes anything.", "parametersJsonSchema": schema}
        ]

    @pytest.mark.parametrize(
        ("arguments", "complaint"),
        [
            ({"behavior": "NON_BLOKING"}, r"^behavior: .*did you mean 'NON_BLOCKING'"),
            ({"parameters_json_schema": []}, r"^parameters_json_schema: expected dict, got list"),
            ({"parameters_json_schema": {"a": object()}}, r"^parameters_json_schema\.a: "),
            ({"timeout": "3"}, r"^timeout: expected seconds as a number or None, got '3'"),
            ({"timeout": -1}, r"^timeout: expected 0 seconds or more, got -1"),
            ({"scheduling": "WHEN_IDEL"}, r"^scheduling: .*did you mean 'WHEN_IDLE'"),
            ({"hide_errors": 1}, r"^hide_errors: expected bool, got int"),
            ({"parse_docstring": "yes"}, r"^parse_docstring: expected bool, got str"),
            (
                {"parse_docstring": True, "parameters_json_schema": {}},
                r"^parse_docstring: cannot be used with parameters_json_schema",
            ),
        ],
    )
    def test_a_wrong_argument(self, arguments: dict[str, Any], complaint: str):
        """It is refused where it stands, not when the session is made."""
        with pytest.raises(ConfigurationError, match=complaint):
            tool(**arguments)


class TestHowItIsRun:
    def test_what_was_said_is_known(self):
        """Timeout, scheduling and hidden errors; the strings in any case, as everywhere."""

        @tool(timeout=3, scheduling="silent", hide_errors=True)
        def order(dish: str) -> str:
            """Orders."""

        assert settings_of(order) == ToolSettings(
            timeout=3.0, scheduling=types.FunctionResponseScheduling.SILENT, hide_errors=True
        )

    def test_nothing_was_said(self):
        """A function without the decorator has the defaults, and so has one with it alone."""

        def plain() -> None:
            """Does nothing."""

        @tool
        def alone(dish: str) -> str:
            """Orders."""
            return dish

        @tool()
        def called() -> None:
            """Does nothing."""

        assert settings_of(plain) == settings_of(alone) == settings_of(called) == ToolSettings()
        assert alone("soup") == "soup"
        assert as_sent(alone)[0]["functionDeclarations"][0]["name"] == "alone"

    def test_no_limit(self):
        """Infinity is no limit, and not the session's."""
        assert settings_of(tool(timeout=float("inf"))(lambda: None)).timeout > 1e8

    def test_methods_of_every_kind(self):
        """A staticmethod and a classmethod keep it as well, in either order."""

        class Kitchen:
            @tool(timeout=1)
            @staticmethod
            def boil() -> None:
                """Boils."""

            @tool(timeout=2)
            @classmethod
            def roast(cls) -> None:
                """Roasts."""

            @staticmethod
            @tool(timeout=3)
            def fry() -> None:
                """Fries."""

            @tool(timeout=4)
            def bake(self) -> None:
                """Bakes."""

        methods = (Kitchen.boil, Kitchen.roast, Kitchen.fry, Kitchen().bake)
        assert [settings_of(method).timeout for method in methods] == [1, 2, 3, 4]

    def test_a_wrapper_keeps_it(self):
        """functools.wraps passes it on to what wraps the function."""

        @tool(timeout=1)
        def order() -> None:
            """Orders."""

        @functools.wraps(order)
        def wrapper() -> None:
            order()

        assert settings_of(wrapper).timeout == 1

    @pytest.mark.parametrize("value", ["NON_BLOCKING", 3, len])
    def test_what_is_no_function(self, value: Any):
        """It is refused; a choice has to be named."""
        with pytest.raises(ConfigurationError, match=r"^tool: expected a function, got "):
            tool(value)


START = "Tells the weather.\n\nOf any place: *today* or later."
GOOGLE = f"""{START}

Args:
    city: Where.
        Its English name: "Bern".
    days (int, optional): How many days ahead. Defaults to 1.
    context: Not for the model.
    **more: Whatever.

Note:
    Only for Europe.

Returns:
    The weather.
"""
NUMPY = f"""{START}

Parameters
----------
city, days : str
    Where and when.
unit

Returns
-------
str
    The weather.
"""
SPHINX = """Tells the weather.

:param city: Where,
    in English
:type city: str
:param int days: How many days
ahead
:returns: the weather

Only for Europe.
"""
TWICE = """Tells the weather.

Args:
    city: Where.

Keyword Args:

    days: How many.
"""


def weather(docstring: str, **arguments: Any) -> Any:
    """A function with this docstring, that is parsed."""

    @tool(parse_docstring=True, **arguments)
    def get_weather(city: str, days: int = 1, *, context: ToolContext, **more: Any) -> None:
        """Stands for another."""

    get_weather.__doc__ = docstring
    return get_weather


def described(docstring: str) -> tuple[str, dict[str, str]]:
    """The description that the model gets of the whole, and those of the parameters."""
    (declaring,) = declared([weather(docstring)], "tools")
    (declaration,) = declaring.function_declarations
    properties = declaration.parameters_json_schema["properties"]
    descriptions = {
        name: schema["description"] for name, schema in properties.items() if "description" in schema
    }
    return declaration.description, descriptions


class TestDocstring:
    @pytest.mark.parametrize(
        ("docstring", "rest", "descriptions"),
        [
            (
                GOOGLE,
                f"{START}\n\nNote:\n    Only for Europe.\n\nReturns:\n    The weather.",
                {
                    "city": 'Where.\nIts English name: "Bern".',
                    "days": "How many days ahead. Defaults to 1.",
                },
            ),
            (
                NUMPY,
                f"{START}\n\nReturns\n-------\nstr\n    The weather.",
                {"city": "Where and when.", "days": "Where and when."},
            ),
            (
                SPHINX,
                "Tells the weather.\n\n:returns: the weather\n\nOnly for Europe.",
                {"city": "Where,\nin English", "days": "How many days\nahead"},
            ),
            (
                "Tells.\n\n:param city: Where.\n\n    In English.\n\nOnly for Europe.",
                "Tells.\n\nOnly for Europe.",
                {"city": "Where.\nIn English."},
            ),
            (TWICE, "Tells the weather.", {"city": "Where.", "days": "How many."}),
            ("Tells the weather.\n\nArgs:\n\nLater.", "Tells the weather.\n\nArgs:\n\nLater.", {}),
            ("Parameters:", "Parameters:", {}),
            ("", "", {}),
        ],
        ids=[
            "Google",
            "NumPy",
            "Sphinx",
            "a paragraph after it",
            "two sections",
            "an empty section",
            "a title alone",
            "nothing",
        ],
    )
    def test_parameters_are_described_beside_them(
        self, docstring: str, rest: str, descriptions: dict[str, str]
    ):
        """Their sections go; every other word of the docstring stays as it is."""
        assert described(docstring) == (rest, descriptions)

    def test_indented_as_in_a_module(self):
        """The indentation that a docstring has in its function is no part of it."""
        docstring = inspect.cleandoc(GOOGLE)
        indented = docstring.replace("\n", "\n        ")
        assert described(indented) == described(docstring)

    def test_beside_a_class(self):
        """The description stands beside the reference to a class, too."""

        @tool(parse_docstring=True)
        def walk(path: Node) -> None:
            """Walks.

            Args:
                path: From here to there.
            """

        (declaring,) = declared([walk], "tools")
        (declaration,) = declaring.function_declarations
        assert declaration.parameters_json_schema["properties"] == {
            "path": {"$ref": "#/$defs/Node", "description": "From here to there."}
        }

    def test_not_by_default(self):
        """Then the docstring goes whole, as google-genai sends it."""
        function = tool(weather(GOOGLE))
        (declaring,) = declared([function], "tools")
        (declaration,) = declaring.function_declarations
        assert declaration.description == GOOGLE.strip()
        assert declaration.parameters_json_schema["properties"]["city"] == {"type": "string"}

    @pytest.mark.parametrize(
        ("docstring", "complaint"),
        [
            (
                NUMPY.replace("unit\n", "unit\n    Of it.\n"),
                "the docstring describes 'unit', which is no parameter",
            ),
            ("Tells.\n\nArgs:\n    city\n", "its docstring cannot be parsed: Expected a colon in 'city'"),
        ],
    )
    def test_what_cannot_be_used(self, docstring: str, complaint: str):
        """A wrong name and a broken section are refused, with the place and the function."""
        with pytest.raises(ConfigurationError, match=rf"^tools\[0\]: get_weather\(\): {complaint}"):
            described(docstring)

    def test_without_the_package(self, monkeypatch: pytest.MonkeyPatch):
        """The error names the extra; it is not needed where there is nothing to parse."""
        monkeypatch.setitem(sys.modules, "docstring_parser", None)
        with pytest.raises(ConfigurationError, match=r"pip install 'genai-live\[docstrings\]'"):
            described(GOOGLE)
        assert described("Tells.") == ("Tells.", {})
