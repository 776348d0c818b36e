"""From what a function returns or raises to what the model is told. In the thread that runs the function."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import attrs

from genai_live import codec, signatures
from genai_live.errors import ConfigurationError, ToolError
from genai_live.signatures import Undeclarable
from genai_live.types import (
    Blob,
    FileData,
    FunctionCall,
    FunctionResponse,
    FunctionResponsePart,
    FunctionResponseScheduling,
    LiveClientMessage,
    LiveClientToolResponse,
    Model,
    Part,
)

_BYTES = "application/octet-stream"
_LONGEST = 4000
"""Characters of an error that are told: it may quote a whole document."""


def result_response(
    value: Any, call: FunctionCall, scheduling: FunctionResponseScheduling | None
) -> FunctionResponse:
    """The answer with a function's result.

    A dict is the answer itself; anything else stands under ``output``. Enums, dates, sets, dataclasses, attrs
    classes and pydantic models are said as JSON says them, and keys that are not text as text.

    Media become ``parts``, wherever in the result they stand: bytes, a Blob, a Part or FunctionResponsePart
    that holds some, and a picture of Pillow. A note in their place says which part it is.

    A FunctionResponse is taken as it is, with the id and name of the call.

    Raises:
        ToolError: JSON cannot say it.
    """
    try:
        response = value if isinstance(value, FunctionResponse) else _response(value)
        answer = attrs.evolve(
            response,
            id=call.id,
            name=call.name,
            response=response.response if response.response is not None else {},
            scheduling=response.scheduling or scheduling,
        )
        checked = codec.structure(answer, FunctionResponse, "")
        # What cannot be sent has to come out here, while the model can still be told.
        tool_response = LiveClientToolResponse(function_responses=[checked])
        codec.encode(LiveClientMessage(tool_response=tool_response))
    except (Undeclarable, ConfigurationError) as error:
        raise ToolError(f"the result cannot be told: {error}") from error
    except RecursionError as error:
        raise ToolError("the result cannot be told: it contains itself, or is nested too deeply") from error
    return checked


def error_response(
    error: BaseException,
    call: FunctionCall,
    *,
    hidden: bool,
    scheduling: FunctionResponseScheduling | None = None,
) -> FunctionResponse:
    """The answer that says what went wrong, so that the model can mend its call or tell the user.

    Args:
        error: What was raised; its type and message are told, and no traceback.
        call: The call.
        hidden: Tells only that something went wrong.
        scheduling: When the model is to speak of it.
    """
    told = "the function failed" if hidden else _told(error)
    return FunctionResponse(id=call.id, name=call.name, response={"error": told}, scheduling=scheduling)


def blob_of_picture(picture: Any) -> Blob:
    """A picture of Pillow, in JPEG if it was read from that, else in PNG.

    Raises:
        OSError: It cannot be written.
        ValueError: So, too.
    """
    is_jpeg = picture.format == "JPEG"
    data = io.BytesIO()
    picture.save(data, "JPEG", quality="keep") if is_jpeg else picture.save(data, "PNG")
    return Blob(data=data.getvalue(), mime_type="image/jpeg" if is_jpeg else "image/png")


def _response(value: Any) -> FunctionResponse:
    parts: list[FunctionResponsePart] = []

    def replace(item: Any) -> Any:
        part = _part(item)
        if part is not None:
            parts.append(part)
            media = part.inline_data or part.file_data
            return f"attached as part {len(parts)}: {media.mime_type if media else None}"
        return codec.to_json_dict(item) if isinstance(item, Model) else item

    said = signatures.to_json(value, replace)
    return FunctionResponse(
        response=said if isinstance(value, Mapping) else {"output": said}, parts=parts or None
    )


def _part(value: Any) -> FunctionResponsePart | None:
    """What holds media; None for what does not."""
    if isinstance(value, FunctionResponsePart):
        return value
    if isinstance(value, Part):
        value = value.inline_data or value.file_data
    if isinstance(value, FileData) and value.file_uri is not None:
        return FunctionResponsePart.from_uri(value.file_uri, value.mime_type, value.display_name)
    if isinstance(value, (bytes, bytearray, memoryview)):
        value = Blob(data=bytes(value))
    elif _is_picture(value):
        try:
            value = blob_of_picture(value)
        except (OSError, ValueError) as error:
            raise ToolError(f"the picture cannot be written: {error}") from error
    if isinstance(value, Blob) and value.data is not None:
        return FunctionResponsePart.from_bytes(value.data, value.mime_type or _BYTES, value.display_name)
    return None


def _is_picture(value: Any) -> bool:
    return type(value).__module__.partition(".")[0] == "PIL" and hasattr(value, "save")


def _told(error: BaseException) -> str:
    name = type(error).__name__
    try:
        message = str(error)
    except Exception:  # a class of the user's, whose text is no part of the answer
        message = ""
    told = f"{name}: {message}" if message else name
    # What UTF-8 cannot say would keep the whole answer from being sent.
    return told[:_LONGEST].encode("utf-8", "replace").decode("utf-8")
