"""The normal form in which two frames are the same message (see README.md)."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

_USERS = {
    "args",
    "response",
    "labels",
    "parametersJsonSchema",
    "responseJsonSchema",
    "headers",
    "partMetadata",
}
_NAMED_BY_USER = {"properties", "defs"}
_BASE64 = {
    "data",
    "thoughtSignature",
    "imageData",
    "voiceSampleAudio",
    "consentAudio",
    "signature",
    "sdkBlob",
}
_BYTES_OF_USERS = {"data"}
"""Where the cases put bytes into what is the user's."""
_TIMES = {"startTime", "endTime", "expireTime", "newSessionExpireTime"}
_DURATIONS = {"timeLeft", "startOffset", "endOffset", "audioOffset"}
_STANDARD = str.maketrans("-_", "+/")


def camel_case(name: str) -> str:
    """The JSON name of a field."""
    return re.sub(r"_([a-z0-9])", lambda match: match[1].upper(), name)


def normal(value: Any, key: str = "", *, users: bool = False) -> Any:  # noqa: PLR0911 - one line a rule
    """The protocol's keys in camelCase, standard base64, whole numbers plain, nulls left out.

    Times are in UTC, with a Z, as proto3 JSON writes them, durations without needless zeros. What is the
    user's is left as it is.
    """
    if isinstance(value, dict):
        return {
            name if users or key in _NAMED_BY_USER else camel_case(name): _of_field(name, item, key, users)
            for name, item in value.items()
            if users or item is not None
        }
    if isinstance(value, list):
        return [normal(item, key, users=users) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and key in (_BYTES_OF_USERS if users else _BASE64):
        return value.translate(_STANDARD)
    if isinstance(value, str) and key in _TIMES and not users:
        return value.replace("+00:00", "Z")
    if isinstance(value, str) and key in _DURATIONS and not users:
        return re.sub(r"(\.\d*[1-9])0+s$|\.0+s$", r"\1s", value)
    return value


def _of_field(name: str, item: Any, parent: str, users: bool) -> Any:
    if parent in _NAMED_BY_USER and not users:
        return normal(item)
    name = name if users else camel_case(name)
    of_user = name in _USERS and not (name == "response" and parent == "functionDeclarations")
    return normal(item, name, users=users or of_user)


def normal_path(path: str) -> str:
    """Without its query, and with double slashes made one."""
    return re.sub("/+", "/", "/" + urlsplit("http://host" + path).path)


def credentials(path: str, headers: Mapping[str, Any]) -> dict[str, Any]:
    """The keys or tokens that reach the server, and the project to bill, whatever carries them."""
    query = parse_qs(urlsplit("http://host" + path).query)
    secrets = {value for name in ("key", "access_token") for value in query.get(name, ())}
    for name in ("x-goog-api-key", "authorization"):
        values = headers.get(name, [])
        for value in [values] if isinstance(values, str) else values:
            secrets.add(re.sub("^(Bearer|Token) ", "", value))
    return {"secrets": sorted(secrets), "project": headers.get("x-goog-user-project")}
