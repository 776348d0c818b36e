"""The official protobuf messages (google-ai-generativelanguage, v1beta) as a reader of client messages."""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

from google.ai import generativelanguage_v1beta
from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message_factory import GetMessageClass

_CLIENT_MESSAGE: Any = generativelanguage_v1beta.BidiGenerateContentClientMessage.pb()

# What the SDKs send and the protobuf lacks (protocol notes, section 7), by message.
_LACKING = {
    "BidiGenerateContentClientMessage": "contextUpdate",
    "BidiGenerateContentSetup": (
        "avatarConfig explicitVadSignal historyConfig labels proactivity safetySettings"
    ),
    "GenerationConfig": (
        "audioTimestamp audioTranscriptionConfig enableAffectiveDialog modelSelectionConfig responseFormat "
        "routingConfig translationConfig"
    ),
    "ThinkingConfig": "thinkingLevel",
    "VoiceConfig": "replicatedVoiceConfig voice",
    "Schema": "additionalProperties defs ref",
    "Part": (
        "audioMetadata audioTranscription documentMetadata mediaProcessing mediaResolution speechMetadata "
        "spreadsheetMetadata toolCall toolResponse"
    ),
    "CodeExecutionResult": "id",
    "ExecutableCode": "id",
    "FileData": "displayName",
    "Blob": "displayName",
    "FunctionResponseBlob": "displayName",
    "FunctionCall": "partialArgs willContinue",
    "FunctionResponsePart": (
        "audioMetadata documentMetadata fileData mediaProcessing mediaResolution spreadsheetMetadata "
        "videoMetadata"
    ),
    "VideoMetadata": "contentLayers",
    "Tool": "enterpriseWebSearch exaAiSearch mcpServers parallelAiSearch retrieval",
    "ComputerUse": "disabledSafetyPolicies enablePromptInjectionDetection",
    "FileSearch": "fileSearchStoreNames metadataFilter topK",
    "GoogleSearch": "blockingConfidence excludeDomains searchTypes",
    "GoogleMaps": "authConfig groundingTypes",
    "SessionResumptionConfig": "transparent",
    "AudioTranscriptionConfig": (
        "adaptationPhrases customVocabulary diarization languageAuto languageCodes languageHints mode "
        "sourceText wordTimestamp"
    ),
    "RealtimeInputConfig": "interimTranscriptTimestampEnabled",
}
_LACKING_VALUES = {
    "TURN_INCLUDES_AUDIO_ACTIVITY_AND_ALL_VIDEO",
    "VIDEO",
    "ENVIRONMENT_MOBILE",
    "ENVIRONMENT_DESKTOP",
}


def without_what_it_lacks(message: Any) -> Any:
    """A copy of a client message, without the fields and values that the protobuf is known to lack."""
    return _known(copy.deepcopy(message), _CLIENT_MESSAGE.DESCRIPTOR)


def every_field() -> Iterator[tuple[str, Callable[[Any], Any]]]:
    """The path of every field of a client message, each message once, and what puts a value there."""
    yield from _fields_under(_CLIENT_MESSAGE.DESCRIPTOR, "", lambda value: value, set())


def _fields_under(
    descriptor: Descriptor, path: str, wrap: Callable[[Any], Any], seen: set[str]
) -> Iterator[tuple[str, Callable[[Any], Any]]]:
    if descriptor.full_name in seen or descriptor.full_name.startswith("google.protobuf."):
        return
    seen.add(descriptor.full_name)
    for field in descriptor.fields:
        name, here = field.camelcase_name, f"{path}.{field.camelcase_name}"
        yield here, lambda value, name=name: wrap({name: value})
        if field.message_type is not None and not field.message_type.GetOptions().map_entry:
            as_list = (lambda item: [item]) if field.is_repeated else (lambda item: item)
            yield f"{here}[]", lambda value, name=name: wrap({name: [value]})
            yield from _fields_under(
                field.message_type,
                here,
                lambda value, name=name, as_list=as_list: wrap({name: as_list(value)}),
                seen,
            )


def parse_strictly(message: Any) -> None:
    """Reads a client message; what the protobuf is known to lack is left aside.

    Raises:
        json_format.ParseError: It is not such a message.
    """
    json_format.ParseDict(without_what_it_lacks(message), _new())


def _new() -> Any:
    return _CLIENT_MESSAGE()


def _known(value: Any, descriptor: Descriptor) -> Any:
    if not isinstance(value, dict) or descriptor.full_name.startswith("google.protobuf."):
        return value
    lacking = _LACKING.get(descriptor.name, "").split()
    known = {}
    for name, item in value.items():
        field = descriptor.fields_by_camelcase_name.get(name)
        if name in lacking:
            continue
        known[name] = item if field is None else _known_of_field(item, field)
    return known


def _known_of_field(item: Any, field: FieldDescriptor) -> Any:
    kind = field.message_type
    if field.enum_type is not None:
        if isinstance(item, list):
            return [one for one in item if one not in _LACKING_VALUES]
        return None if item in _LACKING_VALUES else item
    if kind is None:
        return item
    if kind.GetOptions().map_entry and isinstance(item, dict):
        of_value = kind.fields_by_name["value"].message_type
        return {name: _known(one, of_value) for name, one in item.items()}
    if isinstance(item, list) and not kind.full_name.startswith("google.protobuf."):
        return [_known(one, kind) for one in item]
    return _known(item, kind)


def read_as_the_service(message: Any) -> None:
    """Reads any JSON value as protobuf does, corrected where the service differs (protocol notes, 7).

    Raises:
        json_format.ParseError: The service refuses it.
    """
    if not isinstance(message, dict) or all(item is None for item in message.values()):
        raise json_format.ParseError("not a message, or one that says nothing")
    message = _corrected(copy.deepcopy(message), _CLIENT_MESSAGE.DESCRIPTOR)
    json_format.Parse(json.dumps(message), _new())


def _corrected(value: Any, descriptor: Descriptor) -> Any:
    """As the service reads it: enums in any case, of a name in both spellings the last one.

    What only protobuf's reader in Python takes, such as an empty list for a message or True for a number, is
    an error; so is what is no base64.
    """
    if descriptor.full_name.startswith("google.protobuf."):
        return value
    if not isinstance(value, dict):
        raise json_format.ParseError(f"{value!r} is no message")
    fields = {**descriptor.fields_by_name, **descriptor.fields_by_camelcase_name}
    corrected: dict[str, Any] = {}
    for name, item in value.items():
        field = fields.get(name)
        if field is None or item is None:
            corrected[name] = item
            continue
        for spelling in {field.name, field.camelcase_name} & corrected.keys():
            json_format.ParseDict({spelling: corrected.pop(spelling)}, GetMessageClass(descriptor)())
        corrected[name] = _corrected_field(item, field)
    return corrected


def _corrected_field(item: Any, field: FieldDescriptor) -> Any:
    kind = field.message_type
    if kind is not None and kind.GetOptions().map_entry:
        of_value = kind.fields_by_name["value"].message_type
        return (
            {name: _corrected(one, of_value) for name, one in item.items()}
            if isinstance(item, dict)
            else item
        )
    if field.is_repeated:
        return [_corrected_value(one, field) for one in item] if isinstance(item, list) else item
    return _corrected_value(item, field)


def _corrected_value(item: Any, field: FieldDescriptor) -> Any:
    if field.message_type is not None:
        return _corrected(item, field.message_type)
    if isinstance(item, str) and field.enum_type is not None:
        return item.upper()
    if isinstance(item, float) and field.enum_type is not None and not item.is_integer():
        raise json_format.ParseError(f"{item!r} is no whole number")
    if isinstance(item, bool) and field.type != field.TYPE_BOOL:
        raise json_format.ParseError(f"{item!r} is no number")
    if isinstance(item, str) and field.type == field.TYPE_BYTES:
        text = item.translate(str.maketrans("-_", "+/"))
        try:
            base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
        except ValueError as error:
            raise json_format.ParseError(f"{item!r} is no base64") from error
    return item
