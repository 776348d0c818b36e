"""What the user and the model say to each other. No threads, sockets or clock.

Source: google.ai.generativelanguage.v1beta, content.proto; names of google-genai 3.4.0.
"""

from __future__ import annotations

from typing import Any

from genai_live.record import define
from genai_live.types.enums import FunctionResponseScheduling, Language, Outcome
from genai_live.types.model import Model


@define(kw_only=True)
class Blob(Model):
    """Media as bytes. Audio for the model: 16-bit little-endian mono PCM; from it: the same at 24 kHz."""

    data: bytes | None = None
    """The media themselves; standard base64 on the wire."""
    mime_type: str | None = None
    """Such as ``audio/pcm;rate=16000`` or ``image/jpeg``."""
    display_name: str | None = None
    """A name to refer to it by."""


@define(kw_only=True)
class FileData(Model):
    """Media by address."""

    file_uri: str | None = None
    """Where the file is, such as ``gs://bucket/picture.png``."""
    mime_type: str | None = None
    """Such as ``image/png``."""
    display_name: str | None = None
    """A name to refer to it by."""


@define(kw_only=True)
class FunctionCall(Model):
    """The model asks for a function to be called."""

    id: str | None = None
    """To be repeated in the answer. The service forms it differently by model; treat it as opaque."""
    name: str | None = None
    """The name in the FunctionDeclaration."""
    args: dict[str, Any] | None = None
    """The arguments by name, as the model wrote them; the names are never converted."""


@define(kw_only=True)
class FunctionResponseBlob(Model):
    """Media in a function's answer, as bytes."""

    data: bytes | None = None
    """The media themselves; standard base64 on the wire."""
    mime_type: str | None = None
    """Such as ``image/png``."""
    display_name: str | None = None
    """A name to refer to it by."""


@define(kw_only=True)
class FunctionResponseFileData(Model):
    """Media in a function's answer, by address."""

    file_uri: str | None = None
    """Where the file is."""
    mime_type: str | None = None
    """Such as ``image/png``."""
    display_name: str | None = None
    """A name to refer to it by."""


@define(kw_only=True)
class FunctionResponsePart(Model):
    """Media in a function's answer: one of the two."""

    inline_data: FunctionResponseBlob | None = None
    """As bytes."""
    file_data: FunctionResponseFileData | None = None
    """By address."""


@define(kw_only=True)
class FunctionResponse(Model):
    """A function's answer."""

    id: str | None = None
    """The id of the call; the Gemini API requires it."""
    name: str | None = None
    """The name of the function; required."""
    response: dict[str, Any] | None = None
    """The answer: the key ``output`` for a result, ``error`` for an error, or any keys. Required."""
    parts: list[FunctionResponsePart] | None = None
    """Media that belong to the answer."""
    scheduling: FunctionResponseScheduling | None = None
    """When the model is to speak of it; NON_BLOCKING functions only."""
    will_continue: bool | None = None
    """True: more answers to this call follow. NON_BLOCKING functions only; not on Vertex."""


@define(kw_only=True)
class ExecutableCode(Model):
    """Code that the model wrote and the service runs."""

    code: str | None = None
    """The source."""
    language: Language | None = None
    """Its language."""
    id: str | None = None
    """Repeated in its CodeExecutionResult."""


@define(kw_only=True)
class CodeExecutionResult(Model):
    """What came of running an ExecutableCode."""

    outcome: Outcome | None = None
    """How it ended."""
    output: str | None = None
    """What it printed."""
    id: str | None = None
    """The id of the ExecutableCode."""


@define(kw_only=True)
class Part(Model):
    """A piece of a turn, of one kind: set one of its fields (``thought`` and its signature come beside)."""

    text: str | None = None
    """Text."""
    thought: bool | None = None
    """True: this is the model's thinking, not its answer."""
    thought_signature: bytes | None = None
    """Opaque; lets the model take its thought up again in a later request."""
    inline_data: Blob | None = None
    """Media as bytes."""
    file_data: FileData | None = None
    """Media by address."""
    function_call: FunctionCall | None = None
    """A call in the conversation's history; a call to answer comes in LiveServerToolCall."""
    function_response: FunctionResponse | None = None
    """An answer in the conversation's history."""
    executable_code: ExecutableCode | None = None
    """Code that the service runs."""
    code_execution_result: CodeExecutionResult | None = None
    """What came of it."""

    @classmethod
    def from_text(cls, text: str) -> Part:
        """A part of text."""
        return cls(text=text)

    @classmethod
    def from_bytes(cls, data: bytes, mime_type: str) -> Part:
        """A part of media, such as an image."""
        return cls(inline_data=Blob(data=data, mime_type=mime_type))

    @classmethod
    def from_uri(cls, file_uri: str, mime_type: str) -> Part:
        """A part of media by address."""
        return cls(file_data=FileData(file_uri=file_uri, mime_type=mime_type))

    @classmethod
    def from_function_call(cls, name: str, args: dict[str, Any]) -> Part:
        """A function call, for the conversation's history."""
        return cls(function_call=FunctionCall(name=name, args=args))

    @classmethod
    def from_function_response(
        cls, name: str, response: dict[str, Any], parts: list[FunctionResponsePart] | None = None
    ) -> Part:
        """A function's answer, for the conversation's history."""
        return cls(function_response=FunctionResponse(name=name, response=response, parts=parts))


@define(kw_only=True)
class Content(Model):
    """One turn of the conversation, or a system instruction."""

    parts: list[Part] | None = None
    """What is said, in order."""
    role: str | None = None
    """``user`` or ``model``."""
