"""JSON Schema in the place of a Schema, and a Schema that only JSON Schema can say."""

from typing import Any

import pytest

from genai_live import types
from genai_live.codec import say_in_json_schema, structure, to_json_dict
from genai_live.errors import ConfigurationError


def declaration(**fields: Any) -> types.FunctionDeclaration:
    """A declaration as a caller writes it."""
    return structure({"name": "f", **fields}, types.FunctionDeclaration, "declaration")


REFERENCE = {
    "$defs": {"X": {"type": "string"}},
    "properties": {"a_b": {"$ref": "#/$defs/X"}},
    "type": "object",
}


@pytest.mark.parametrize(
    "schema",
    [
        REFERENCE,
        {"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object"},
        {"type": "object", "properties": {"a": {"type": "integer", "exclusiveMinimum": 0}}},
        {"type": "object", "properties": {"a": {"type": "array", "items": {"const": "x"}}}},
        {"type": "object", "properties": {"a": {"anyOf": [{"type": "string"}, {"oneOf": []}]}}},
        {"type": "object", "additionalProperties": {"type": ["string", "null"], "not": {}}},
    ],
)
def test_json_schema_goes_to_its_own_field(schema: dict[str, Any]) -> None:
    """A key that only JSON Schema knows, at any depth, makes it JSON Schema, which is sent as it is."""
    assert declaration(parameters=schema) == types.FunctionDeclaration(
        name="f", parameters_json_schema=schema
    )
    assert declaration(response=schema) == types.FunctionDeclaration(name="f", response_json_schema=schema)
    given = types.FunctionDeclaration(name="f", parameters=schema)  # type: ignore[arg-type]
    assert structure(given, types.FunctionDeclaration, "").parameters_json_schema == schema
    for spelling in ("response_schema", "responseSchema"):
        config = structure({spelling: schema}, types.GenerationConfig, "")
        assert config == types.GenerationConfig(response_json_schema=schema)


def test_a_property_may_be_called_like_a_keyword() -> None:
    """The names of properties are the user's."""
    made = declaration(parameters={"type": "object", "properties": {"const": {"type": "string"}}})
    assert made.parameters == types.Schema(
        type=types.Type.OBJECT, properties={"const": types.Schema(type=types.Type.STRING)}
    )


def test_a_misspelling_is_no_json_schema() -> None:
    """It is refused as in any class."""
    with pytest.raises(ConfigurationError, match=r"parameters\.requird: .*did you mean 'required'"):
        declaration(parameters={"type": "object", "requird": ["a"]})


@pytest.mark.parametrize(
    "fields",
    [
        {"parameters": {"type": "OBJECT"}, "parameters_json_schema": {"type": "object"}},
        {"parameters": REFERENCE, "parameters_json_schema": {"type": "object"}},
        {"response": {"type": "OBJECT"}, "responseJsonSchema": {"type": "object"}},
    ],
)
def test_the_two_exclude_each_other(fields: dict[str, Any]) -> None:
    """The service takes one of them."""
    with pytest.raises(ConfigurationError, match=r"^declaration: \w+ and \w+ exclude each other|given twice"):
        declaration(**fields)
    with pytest.raises(ConfigurationError, match="exclude each other"):
        structure(
            {"response_schema": {"type": "OBJECT"}, "response_json_schema": {}}, types.GenerationConfig, ""
        )


def test_another_class_is_no_declaration() -> None:
    """It is refused as for any other class."""
    with pytest.raises(
        ConfigurationError, match="expected FunctionDeclaration or dict, got GenerationConfig"
    ):
        structure(types.GenerationConfig(), types.FunctionDeclaration, "")


def test_none_is_not_given() -> None:
    """An unset field excludes nothing."""
    made = declaration(parameters=REFERENCE, parameters_json_schema=None)
    assert made.parameters_json_schema == REFERENCE
    made = declaration(parameters_json_schema=None, parameters=REFERENCE)
    assert made.parameters_json_schema == REFERENCE


STRING, INTEGER, NULL = (
    types.Schema(type=name) for name in (types.Type.STRING, types.Type.INTEGER, types.Type.NULL)
)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"type": ["string", "null"]}, types.Schema(type=types.Type.STRING, nullable=True)),
        ({"type": ("STRING",), "title": "A"}, types.Schema(type=types.Type.STRING, title="A")),
        ({"type": ["string", "integer"]}, types.Schema(any_of=[STRING, INTEGER])),
        (
            {"type": ["string", types.Type.NULL, "integer"]},
            types.Schema(any_of=[STRING, INTEGER], nullable=True),
        ),
        ({"type": ["null"]}, types.Schema(any_of=[NULL], nullable=True)),
    ],
)
def test_a_list_of_types(given: dict[str, Any], expected: types.Schema) -> None:
    """It becomes ``nullable`` and ``any_of``, as with @google/genai."""
    assert structure(given, types.Schema, "") == expected


def test_a_list_of_types_beside_any_of_is_refused() -> None:
    """One of the two would be lost."""
    with pytest.raises(ConfigurationError, match=r"^parameters\.type: .*put the types into it"):
        structure({"type": ["string", "integer"], "anyOf": [{"type": "null"}]}, types.Schema, "parameters")


def test_an_unknown_type_is_refused() -> None:
    """Alone or in a list."""
    for given in ("THING", ["THING", "null"]):
        with pytest.raises(ConfigurationError, match="'THING' is not a Type"):
            structure({"type": given}, types.Schema, "")


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "OBJECT", "additional_properties": True}, {"type": "object", "additionalProperties": True}),
        (
            {"type": "OBJECT", "additional_properties": {"type": "STRING", "nullable": True}},
            {"type": "object", "additionalProperties": {"type": ["string", "null"]}},
        ),
        (
            {
                "type": "OBJECT",
                "defs": {"X_y": {"type": "INTEGER", "max_length": 3}},
                "properties": {
                    "a_b": {"ref": "#/defs/X_y"},
                    "c": {"type": "ARRAY", "items": {"type": "STRING"}},
                },
                "required": ["a_b"],
            },
            {
                "type": "object",
                "$defs": {"X_y": {"type": "integer", "maxLength": 3}},
                "properties": {
                    "a_b": {"$ref": "#/$defs/X_y"},
                    "c": {"type": "array", "items": {"type": "string"}},
                },
                "required": ["a_b"],
            },
        ),
        (
            {
                "type": "OBJECT",
                "properties": {
                    "a": {"any_of": [{"type": "STRING"}], "nullable": True, "example": 1},
                    "b": {"type": "STRING", "enum": ["x"], "nullable": True},
                    "c": {"type": "OBJECT", "additional_properties": False, "default": {"type": "STRING"}},
                },
            },
            {
                "type": "object",
                "properties": {
                    "a": {"anyOf": [{"anyOf": [{"type": "string"}], "examples": [1]}, {"type": "null"}]},
                    "b": {"anyOf": [{"type": "string", "enum": ["x"]}, {"type": "null"}]},
                    "c": {"type": "object", "additionalProperties": False, "default": {"type": "STRING"}},
                },
            },
        ),
    ],
)
def test_what_the_published_schema_cannot_say(schema: dict[str, Any], expected: dict[str, Any]) -> None:
    """It is said in JSON Schema: types in lower case, null as a type, references under ``$defs``."""
    made = declaration(parameters=schema, response=schema)
    say_in_json_schema(made)
    assert to_json_dict(made) == {
        "name": "f",
        "parametersJsonSchema": expected,
        "responseJsonSchema": expected,
    }
    settings = types.LiveClientSetup(
        generation_config=structure({"response_schema": schema}, types.GenerationConfig, ""),
        tools=[types.Tool(function_declarations=[declaration(parameters=schema)])],
    )
    say_in_json_schema(settings)
    assert to_json_dict(settings) == {
        "generationConfig": {"responseJsonSchema": expected},
        "tools": [{"functionDeclarations": [{"name": "f", "parametersJsonSchema": expected}]}],
    }


@pytest.mark.parametrize(
    "inner",
    [
        {"ref": "#"},
        {"type": "ARRAY", "items": {"ref": "#"}},
        {"any_of": [{"type": "STRING"}, {"type": "OBJECT", "additional_properties": False}]},
        {"type": "OBJECT", "properties": {"b": {"defs": {}}}},
    ],
)
def test_it_is_found_at_any_depth(inner: dict[str, Any]) -> None:
    """One word in a corner of a schema moves the whole."""
    made = declaration(parameters={"type": "OBJECT", "properties": {"a": inner}})
    say_in_json_schema(made)
    assert made.parameters is None
    assert made.parameters_json_schema["type"] == "object"


def test_what_the_published_schema_can_say_stays() -> None:
    """So does everything that holds no schema."""
    made = declaration(parameters={"type": "OBJECT", "properties": {"a": {"any_of": [{"type": "STRING"}]}}})
    before = to_json_dict(made)
    say_in_json_schema(made)
    say_in_json_schema(types.Content())
    assert to_json_dict(made) == before
