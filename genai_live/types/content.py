"""What the user and the model say to each other. No threads, sockets or clock.

Source: google.ai.generativelanguage.v1beta, content.proto; names of google-genai 3.4.0.
"""

from __future__ import annotations

import mimetypes
from typing import Any

from attrs import field

from genai_live.errors import ConfigurationError
from genai_live.record import define
from genai_live.types.media import (
    AudioMetadata,
    Blob,
    DocumentMetadata,
    FileData,
    MediaProcessing,
    PartMediaResolution,
    PartMediaResolutionLevel,
    SpeechMetadata,
    SpreadsheetMetadata,
    Transcription,
    VideoMetadata,
)
from genai_live.types.model import Model
from genai_live.types.open_enum import OpenEnum


@define(kw_only=True)
class PartialArg(Model):
    """A piece of an argument that is being streamed: one of its values is set."""

    json_path: str | None = None
    """Where it belongs, such as ``$.foo.bar[0].data`` (RFC 9535)."""
    string_value: str | None = None
    """A piece of text, to be put after those before it."""
    number_value: float | None = None
    """A number."""
    bool_value: bool | None = None
    """True or false."""
    null_value: str | None = None
    """``NULL_VALUE``: None."""
    will_continue: bool | None = None
    """True: more of the same argument follows."""


@define(kw_only=True)
class FunctionCall(Model):
    """The model asks for a function to be called."""

    id: str | None = None
    """To be repeated in the answer. The service forms it differently by model; treat it as opaque."""
    name: str | None = None
    """The name in the FunctionDeclaration."""
    args: dict[str, Any] | None = None
    """The arguments by name, as the model wrote them; the names are never converted."""
    partial_args: list[PartialArg] | None = None
    """The arguments as they are streamed; Vertex only."""
    will_continue: bool | None = None
    """True: more of this call follows. Vertex only."""
    handled: bool | None = field(default=None, metadata={"local": True})
    """Not the service's: True where the session runs the function and answers by itself."""


@define(kw_only=True)
class FunctionResponseBlob(Model):
    """Media in a function's answer, as bytes."""

    data: bytes | None = None
    """The media themselves; standard base64 on the wire."""
    mime_type: str | None = None
    """Such as ``image/png``."""
    display_name: str | None = None
    """A name to refer to it by; Vertex only."""


@define(kw_only=True)
class FunctionResponseFileData(Model):
    """Media in a function's answer, by address."""

    file_uri: str | None = None
    """Where the file is."""
    mime_type: str | None = None
    """Such as ``image/png``."""
    display_name: str | None = None
    """A name to refer to it by; Vertex only."""


@define(kw_only=True)
class FunctionResponsePart(Model):
    """Media in a function's answer: one of the first two, and how to look at it."""

    inline_data: FunctionResponseBlob | None = None
    """As bytes."""
    file_data: FunctionResponseFileData | None = None
    """By address."""
    media_resolution: PartMediaResolution | None = None
    """How finely it is seen."""
    media_processing: MediaProcessing | None = None
    """How a video is looked at; not on Vertex."""
    video_metadata: VideoMetadata | None = None
    """Which part of a video to look at."""
    document_metadata: DocumentMetadata | None = None
    """Which part of a document to look at."""
    spreadsheet_metadata: SpreadsheetMetadata | None = None
    """Which part of a spreadsheet to look at."""
    audio_metadata: AudioMetadata | None = None
    """Which part of a recording to listen to."""

    @classmethod
    def from_bytes(cls, data: bytes, mime_type: str, display_name: str | None = None) -> FunctionResponsePart:
        """Media as bytes."""
        blob = FunctionResponseBlob(data=data, mime_type=mime_type, display_name=display_name)
        return cls(inline_data=blob)

    @classmethod
    def from_uri(
        cls, file_uri: str, mime_type: str | None = None, display_name: str | None = None
    ) -> FunctionResponsePart:
        """Media by address; as for ``Part.from_uri``."""
        mime_type = mime_type or _mime_type_of(file_uri)
        file_data = FunctionResponseFileData(
            file_uri=file_uri, mime_type=mime_type, display_name=display_name
        )
        return cls(file_data=file_data)


class FunctionResponseScheduling(OpenEnum):
    """What the answer of a NON_BLOCKING function does to the conversation."""

    SCHEDULING_UNSPECIFIED = "SCHEDULING_UNSPECIFIED"
    """Unused."""
    SILENT = "SILENT"
    """It goes into the context only."""
    WHEN_IDLE = "WHEN_IDLE"
    """The model speaks of it after its current output. The default."""
    INTERRUPT = "INTERRUPT"
    """The model stops its output and speaks of it now."""


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


class Language(OpenEnum):
    """The language of code that the model wrote."""

    LANGUAGE_UNSPECIFIED = "LANGUAGE_UNSPECIFIED"
    """Unused."""
    PYTHON = "PYTHON"
    """Python 3.10 or newer, with numpy and simpy."""


@define(kw_only=True)
class ExecutableCode(Model):
    """Code that the model wrote and the service runs."""

    code: str | None = None
    """The source."""
    language: Language | None = None
    """Its language."""
    id: str | None = None
    """Repeated in its CodeExecutionResult; not on Vertex."""


class Outcome(OpenEnum):
    """How the execution of code ended."""

    OUTCOME_UNSPECIFIED = "OUTCOME_UNSPECIFIED"
    """Unused."""
    OUTCOME_OK = "OUTCOME_OK"
    """It ended well; the output is its stdout."""
    OUTCOME_FAILED = "OUTCOME_FAILED"
    """It failed; the output is its stderr and stdout."""
    OUTCOME_DEADLINE_EXCEEDED = "OUTCOME_DEADLINE_EXCEEDED"
    """It ran too long and was stopped; there may be some output."""


@define(kw_only=True)
class CodeExecutionResult(Model):
    """What came of running an ExecutableCode."""

    outcome: Outcome | None = None
    """How it ended."""
    output: str | None = None
    """What it printed."""
    id: str | None = None
    """The id of the ExecutableCode; not on Vertex."""


class ToolType(OpenEnum):
    """A tool that the service runs itself."""

    TOOL_TYPE_UNSPECIFIED = "TOOL_TYPE_UNSPECIFIED"
    """Says nothing."""
    GOOGLE_SEARCH_WEB = "GOOGLE_SEARCH_WEB"
    """``Tool.google_search`` for web pages."""
    GOOGLE_SEARCH_IMAGE = "GOOGLE_SEARCH_IMAGE"
    """``Tool.google_search`` for pictures."""
    URL_CONTEXT = "URL_CONTEXT"
    """``Tool.url_context``."""
    GOOGLE_MAPS = "GOOGLE_MAPS"
    """``Tool.google_maps``."""
    FILE_SEARCH = "FILE_SEARCH"
    """``Tool.file_search``."""
    MEDIA_PROCESSING = "MEDIA_PROCESSING"
    """MediaProcessing."""


@define(kw_only=True)
class ToolCall(Model):
    """The model uses a tool that the service runs. There is nothing to answer."""

    id: str | None = None
    """Repeated in its ToolResponse."""
    tool_type: ToolType | None = None
    """Which tool."""
    args: dict[str, Any] | None = None
    """What for, by name."""


@define(kw_only=True)
class ToolResponse(Model):
    """What a tool of the service answered."""

    id: str | None = None
    """The id of the ToolCall."""
    tool_type: ToolType | None = None
    """Which tool."""
    response: dict[str, Any] | None = None
    """The answer, by name."""


@define(kw_only=True)
class Part(Model):
    """A piece of a turn, of one kind: one of the fields up to ``tool_response`` is set.

    The others say more about it.
    """

    text: str | None = None
    """Text."""
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
    tool_call: ToolCall | None = None
    """A tool that the service runs; not on Vertex."""
    tool_response: ToolResponse | None = None
    """What the tool answered; not on Vertex."""
    thought: bool | None = None
    """True: this is the model's thinking, not its answer."""
    thought_signature: bytes | None = None
    """Opaque; lets the model take its thought up again in a later request."""
    media_resolution: PartMediaResolution | None = None
    """How finely the media are seen."""
    media_processing: MediaProcessing | None = None
    """How a video is looked at."""
    video_metadata: VideoMetadata | None = None
    """Which part of a video to look at."""
    document_metadata: DocumentMetadata | None = None
    """Which part of a document to look at."""
    spreadsheet_metadata: SpreadsheetMetadata | None = None
    """Which part of a spreadsheet to look at."""
    audio_metadata: AudioMetadata | None = None
    """Which part of a recording to listen to."""
    audio_transcription: Transcription | None = None
    """What is said in the audio; from the service."""
    speech_metadata: SpeechMetadata | None = None
    """How the text is to be spoken."""
    part_metadata: dict[str, Any] | None = None
    """The program's own notes on the part; the names are never converted. Not on Vertex."""

    @classmethod
    def from_text(cls, text: str) -> Part:
        """A part of text."""
        return cls(text=text)

    @classmethod
    def from_bytes(
        cls,
        data: bytes,
        mime_type: str,
        media_resolution: PartMediaResolution | PartMediaResolutionLevel | str | None = None,
    ) -> Part:
        """A part of media, such as an image."""
        return cls(
            inline_data=Blob(data=data, mime_type=mime_type), media_resolution=_resolution(media_resolution)
        )

    @classmethod
    def from_uri(
        cls,
        file_uri: str,
        mime_type: str | None = None,
        media_resolution: PartMediaResolution | PartMediaResolutionLevel | str | None = None,
    ) -> Part:
        """A part of media by address.

        Args:
            file_uri: Where the file is, such as ``gs://bucket/picture.png``.
            mime_type: Such as ``image/png``; told from the file's ending where it is not given.
            media_resolution: How finely it is seen.

        Raises:
            ConfigurationError: There is no ``mime_type``, and the ending does not tell.
        """
        file_data = FileData(file_uri=file_uri, mime_type=mime_type or _mime_type_of(file_uri))
        return cls(file_data=file_data, media_resolution=_resolution(media_resolution))

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

    @classmethod
    def from_executable_code(cls, code: str, language: Language) -> Part:
        """Code that the service ran, for the conversation's history."""
        return cls(executable_code=ExecutableCode(code=code, language=language))

    @classmethod
    def from_code_execution_result(cls, outcome: Outcome, output: str) -> Part:
        """What came of the code, for the conversation's history."""
        return cls(code_execution_result=CodeExecutionResult(outcome=outcome, output=output))


def _resolution(
    value: PartMediaResolution | PartMediaResolutionLevel | str | None,
) -> PartMediaResolution | None:
    if isinstance(value, str):
        return PartMediaResolution(level=PartMediaResolutionLevel(value))
    return value


def _mime_type_of(file_uri: str) -> str:
    mime_type, _ = mimetypes.guess_type(file_uri)
    if mime_type is None:
        raise ConfigurationError(
            f"the ending of {file_uri!r} does not tell what the file is; give its mime_type",
            where="mime_type",
        )
    return mime_type


@define(kw_only=True)
class Content(Model):
    """One turn of the conversation, or a system instruction."""

    parts: list[Part] | None = None
    """What is said, in order."""
    role: str | None = None
    """``user`` or ``model``."""


@define(kw_only=True)
class UserContent(Content):
    """A turn of the user's."""

    role: str | None = "user"
    """``user``."""


@define(kw_only=True)
class ModelContent(Content):
    """A turn of the model's, for the conversation's history."""

    role: str | None = "model"
    """``model``."""
