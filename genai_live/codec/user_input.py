"""The user's arguments to classes, strictly and with the short forms a person would write. No threads.

Nothing of the user's is changed: instances are copied, and what is in them is checked as well. The rules are
hooks of a cattrs converter, made for a class when the first of it comes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from functools import partial
from numbers import Integral, Real
from typing import Any, TypeVar, get_args

import attrs
import cattrs

from genai_live.codec.fields import (
    Field,
    fields_by_spelling,
    fields_of,
    is_any,
    is_dict,
    is_list,
    is_subclass,
    is_user_map,
)
from genai_live.codec.json_schema import with_json_schemas_apart, with_one_type
from genai_live.codec.json_values import (
    bytes_from_text,
    duration_from_text,
    finite,
    json_object,
    json_value,
    number_from_text,
    text,
    timestamp_from_text,
)
from genai_live.codec.problem import Problem, wrong_type
from genai_live.errors import ConfigurationError
from genai_live.record import Record, suggestion
from genai_live.types import (
    Blob,
    Content,
    FunctionDeclaration,
    FunctionResponse,
    FunctionResponsePart,
    GenerationConfig,
    Model,
    OpenEnum,
    Part,
    Schema,
    Tool,
    ToolUnion,
    VoiceConfig,
    WeightedPrompt,
)
from genai_live.types.tools import CallableTool

T = TypeVar("T")
Take = Callable[[Any, Any], Any]
"""A hook of cattrs: the value and its type, which ours know already."""

_converter = cattrs.Converter()


def structure(value: object, type_: type[T], where: str) -> T:
    """Makes what a caller passed into the class that it stands for.

    A class may be given as an instance, or as a dict in snake_case, camelCase or both mixed. Short forms:

    * a Part as a str;
    * a Content as a str, a Part, or a list of these: it is the user's;
    * a list of Content as one of them, too; a turn without a role is the user's;
    * a list of Part, FunctionResponse or WeightedPrompt as its only item;
    * a WeightedPrompt as a str, with the weight 1;
    * a Schema with a list of types; a dict that only JSON Schema understands in the place of a Schema;
    * the audio of a LiveClientRealtimeInput as bytes: 16 kHz mono PCM;
    * an enum by name in any case, a number or base64 as a str, a duration or time in its proto3 form.

    Args:
        value: What was passed; it is never changed.
        type_: The class, such as ``LiveConnectConfig`` or ``list[Content]``.
        where: What the argument is called, the start of the path in an error; may be empty.

    Raises:
        ConfigurationError: A name, type or value is wrong; with its path and, where there is one, the nearest
            right name.
    """
    try:
        result: T = _converter.get_structure_hook(type_)(value, type_)
    except Problem as problem:
        raise ConfigurationError(problem.message, where=problem.path(where)) from problem.__cause__
    except RecursionError as error:
        raise ConfigurationError("nested too deeply, or contains itself", where=where) from error
    return result


def _make_record_taker(cls: type[Record]) -> Take:
    takers: dict[str, tuple[str, Take, Any]] | None = None
    from_short_form = _SHORT_FORMS.get(cls)
    exclusive = _EXCLUSIVE.get(cls, ())
    new = cls.__new__
    initialize: Any = None
    names: list[str] = []

    def take(value: Any, _: Any) -> Any:
        nonlocal takers, initialize, names
        if takers is None:
            initialize = cls.__init__  # past the advice on wrong keywords, which costs time
            names = [field.name for field in attrs.fields(cls) if not field.metadata.get("local")]
            takers = {
                spelling: (field.name, _make_field_taker(field), field.type)
                for spelling, field in _spellings(cls).items()
            }
        if from_short_form is not None:
            value = from_short_form(value)
        items = _items(cls, names, value)
        values: dict[str, Any] = {}
        key = ""
        try:
            for key, item in items:
                if key not in takers:
                    raise _unknown_field(cls, str(key), takers)
                name, take_item, item_type = takers[key]
                if name in values:
                    raise Problem("given twice, in two spellings")
                if item is not None:
                    values[name] = take_item(item, item_type)
        except Problem as problem:
            problem.under(str(key))
            raise
        for group in exclusive:
            _refuse_rivals([name for name in group if name in values])
        instance = new(cls)
        initialize(instance, **values)
        return instance

    return take


def _items(cls: type[Record], names: list[str], value: Any) -> Iterable[tuple[Any, Any]]:
    if isinstance(value, cls):
        return [(name, item) for name in names if (item := getattr(value, name)) is not None]
    if isinstance(value, (dict, Mapping)):  # nearly always a dict, and so found sooner
        return value.items()
    raise wrong_type(f"{cls.__name__} or dict", value)


def _refuse_rivals(given: list[str]) -> None:
    if len(given) > 1:
        raise Problem(f"{' and '.join(given)} exclude each other")


def _unknown_field(cls: type[Record], key: str, spellings: Iterable[str]) -> Problem:
    names = [field.name for field in fields_of(cls)]
    # The suggestion is in the casing that the caller writes.
    near = suggestion(key, names, () if key.islower() else spellings)
    return Problem(f"unknown field of {cls.__name__}{near}")


def _spellings(cls: type[Record]) -> dict[str, Field]:
    spellings = dict(fields_by_spelling(cls))
    if issubclass(cls, Model):
        spellings["unknown_fields"] = Field("unknown_fields", "", dict[str, Any], {})
    return spellings


def _make_field_taker(field: Field) -> Take:
    take = _converter.get_structure_hook(field.type)
    if field.type is not Blob or not field.metadata:
        return take
    mime_type, bytes_mean = field.metadata["mime_type"], field.metadata.get("bytes_mean")

    def take_media(value: Any, _: Any) -> Any:
        if bytes_mean is not None and isinstance(value, (bytes, bytearray, memoryview)):
            value = Blob(data=bytes(value), mime_type=bytes_mean)
        blob = take(value, Blob)
        if not (blob.mime_type or "").startswith(mime_type):
            raise Problem(f"expected {mime_type}…, got {blob.mime_type!r}").under("mime_type")
        return blob

    return take_media


def _part(value: Any) -> Any:
    return {"text": value} if isinstance(value, str) else value


def _content(value: Any) -> Any:
    if isinstance(value, str):
        return {"role": "user", "parts": [value]}
    if isinstance(value, Part) or (isinstance(value, Mapping) and not _is_content(value)):
        return Content(role="user", parts=[_take_part(value, Part)])
    if isinstance(value, (list, tuple)):
        if not value:
            raise Problem("an empty list says nothing")
        return Content(role="user", parts=_each(value, _take_part, Part))
    return value


def _weighted_prompt(value: Any) -> Any:
    return {"text": value, "weight": 1.0} if isinstance(value, str) else value


_SHORT_FORMS: dict[type[Record], Callable[[Any], Any]] = {
    Part: _part,
    Content: _content,
    WeightedPrompt: _weighted_prompt,
    Schema: with_one_type,
    FunctionDeclaration: partial(with_json_schemas_apart, FunctionDeclaration),
    GenerationConfig: partial(with_json_schemas_apart, GenerationConfig),
}

_EXCLUSIVE: dict[type[Record], tuple[tuple[str, ...], ...]] = {
    Part: (
        (
            "text",
            "inline_data",
            "file_data",
            "function_call",
            "function_response",
            "executable_code",
            "code_execution_result",
            "tool_call",
            "tool_response",
        ),
    ),
    FunctionResponsePart: (("inline_data", "file_data"),),
    FunctionDeclaration: (("parameters", "parameters_json_schema"), ("response", "response_json_schema")),
    GenerationConfig: (("response_schema", "response_json_schema"),),
    VoiceConfig: (("prebuilt_voice_config", "replicated_voice_config", "voice"),),
}
"""The fields of which one may be set; where protobuf has a oneof, its reader refuses the whole message."""

_MAY_STAND_ALONE = (Part, FunctionResponse, WeightedPrompt)
"""In place of a list of them."""


def _is_content(value: Any) -> bool:
    """Whether this is a turn rather than a part of one; an empty dict is."""
    if isinstance(value, Mapping):
        return not value or not fields_by_spelling(Content).keys().isdisjoint(value)
    return isinstance(value, Content)


def _take_turns(value: Any, _: Any) -> list[Content]:
    if isinstance(value, (list, tuple)) and all(map(_is_content, value)):
        turns = _each(value, _take_content, Content)
    elif isinstance(value, (list, tuple)) and any(map(_is_content, value)):
        raise Problem("a list of turns (Content) and parts; put the parts into a Content")
    else:
        turns = [_take_content(value, Content)]
    for turn in turns:
        turn.role = turn.role or "user"  # 3.8 refuses a turn without a role
    return turns


def _take_tool(value: Any, _: Any) -> Any:
    """What becomes a tool is left as it is: it is declared where the message is made."""
    if callable(value) or isinstance(value, CallableTool):
        return value
    return _take_tool_itself(value, Tool)


def _make_list_taker(list_type: Any) -> Take:
    (item_type,) = get_args(list_type)
    take_item = _converter.get_structure_hook(item_type)

    def take(value: Any, _: Any) -> list[Any]:
        if isinstance(value, (list, tuple)):
            return _each(value, take_item, item_type)
        if item_type not in _MAY_STAND_ALONE:
            raise wrong_type("list", value)
        return [take_item(value, item_type)]

    return take


def _each(values: Iterable[Any], take: Take, item_type: Any) -> list[Any]:
    items: list[Any] = []
    try:
        for value in values:
            items.append(take(value, item_type))  # noqa: PERF401 - the length tells where it failed
    except Problem as problem:
        problem.under(len(items))
        raise
    return items


def _make_dict_taker(dict_type: Any) -> Take:
    _, item_type = get_args(dict_type)
    take_item = _converter.get_structure_hook(item_type)

    def take(value: Any, _: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise wrong_type("dict", value)
        items = {}
        name = ""
        try:
            for name, item in value.items():
                items[_take_str(name, None)] = take_item(item, item_type)
        except Problem as problem:
            problem.under(str(name))
            raise
        return items

    return take


def _take_enum(value: Any, cls: type[OpenEnum]) -> OpenEnum:
    if isinstance(value, cls):
        return value
    if not isinstance(value, str):
        raise wrong_type(cls.__name__, value)
    member = cls.known(value)
    if member is None:
        near = suggestion(value.upper(), cls.__members__)
        raise Problem(f"{value[:40]!r} is not a {cls.__name__}{near}")
    return member


def _take_str(value: Any, _: Any) -> str:
    if not isinstance(value, str):
        raise wrong_type("str", value)
    return text(value)


def _take_bool(value: Any, _: Any) -> bool:
    if not isinstance(value, bool):
        raise wrong_type("bool", value)
    return value


def _take_int(value: Any, _: Any) -> int:
    number = _number("int", value)
    if isinstance(number, Integral):
        return int(number)
    if not finite(number).is_integer():
        raise Problem(f"expected a whole number, got {number}")
    return int(number)


def _take_float(value: Any, _: Any) -> float:
    return finite(_number("float", value))


def _number(expected: str, value: Any) -> Any:
    if isinstance(value, str):
        return number_from_text(value)
    if isinstance(value, bool) or not isinstance(value, Real):
        raise wrong_type(expected, value)
    return value


def _take_bytes(value: Any, _: Any) -> bytes:
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    return bytes_from_text(_string("bytes or base64", value))


def _take_duration(value: Any, _: Any) -> timedelta:
    if isinstance(value, timedelta):
        return value
    return duration_from_text(_string("timedelta", value))


def _take_timestamp(value: Any, _: Any) -> datetime:
    if isinstance(value, datetime):
        return value
    return timestamp_from_text(_string("datetime", value))


def _string(expected: str, value: Any) -> str:
    if not isinstance(value, str):
        raise wrong_type(expected, value)
    return value


_converter.register_structure_hook_factory(is_subclass(Record), _make_record_taker)
_converter.register_structure_hook_factory(is_list, _make_list_taker)
_converter.register_structure_hook_factory(is_dict, _make_dict_taker)
_converter.register_structure_hook_func(lambda candidate: candidate == list[Content], _take_turns)
_converter.register_structure_hook_func(lambda candidate: candidate == ToolUnion, _take_tool)
_converter.register_structure_hook_func(is_user_map, lambda value, _: json_object(value))
_converter.register_structure_hook_func(is_any, lambda value, _: json_value(value))
_converter.register_structure_hook(OpenEnum, _take_enum)
_converter.register_structure_hook(str, _take_str)
_converter.register_structure_hook(bool, _take_bool)
_converter.register_structure_hook(int, _take_int)
_converter.register_structure_hook(float, _take_float)
_converter.register_structure_hook(bytes, _take_bytes)
_converter.register_structure_hook(timedelta, _take_duration)
_converter.register_structure_hook(datetime, _take_timestamp)

_take_part = _converter.get_structure_hook(Part)
_take_content = _converter.get_structure_hook(Content)
_take_tool_itself = _converter.get_structure_hook(Tool)
