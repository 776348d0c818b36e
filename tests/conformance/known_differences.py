"""What google-genai does otherwise: each rule cites differences.md (in tests/vectors) by section and row."""

from __future__ import annotations

import re
from typing import Any

from genai_live.errors import ConfigurationError

_GENERATION = "generation_config"
_USERS_MAPS = ("part_metadata", "partMetadata")
"""Where an empty object is nothing; elsewhere it may be a message that is asked for by its presence."""


def without_conflicts(config: dict[str, Any]) -> dict[str, Any]:
    """Without what ``generation_config`` has and the config too (4.4: both spellings, or an error)."""
    if _GENERATION not in config:
        return config
    inner = {name: value for name, value in config[_GENERATION].items() if name not in config}
    return {**config, _GENERATION: inner}


def name_refused(error: Exception) -> str:
    """The name that google-genai refuses on this surface; in snake_case."""
    match = re.match(r"(\w+) parameter is only supported in", str(error))
    return match[1] if match else ""


def without_idle(value: Any, name: str) -> Any:
    """Without a field where it asks for nothing (6: False raises there, though it asks for nothing)."""
    if isinstance(value, list):
        return [without_idle(item, name) for item in value]
    if isinstance(value, dict):
        return {
            key: without_idle(item, name)
            for key, item in value.items()
            if key != name or item or (item == {} and name not in _USERS_MAPS)
        }
    return value


def tools_as_one(message: dict[str, Any]) -> dict[str, Any]:
    """With all declarations in one tool, at the end, and no empty tools (3: several tools, tools: [{}])."""
    for holder in (message.get("setup"), message.get("contextUpdate", {}).get("tools")):
        if not holder or "tools" not in holder:
            continue
        tools = [dict(tool) for tool in holder["tools"]]
        declarations = [one for tool in tools for one in tool.pop("functionDeclarations", [])]
        holder["tools"] = [tool for tool in tools if tool]
        if declarations:
            holder["tools"].append({"functionDeclarations": declarations})
        if "setup" in message and not holder["tools"]:
            del holder["tools"]
    return message


def with_roles(message: dict[str, Any]) -> dict[str, Any]:
    """With the user's role in turns that have none (3: send_client_content: a user turn)."""
    for turn in message.get("clientContent", {}).get("turns", ()):
        turn["role"] = turn.get("role") or "user"
    return message


_UNCHECKED = ("turns", "function_responses")
"""What google-genai does not look at on Vertex AI (4.6): tool_call, part_metadata, will_continue are sent."""


def we_refuse_rightly(error: ConfigurationError) -> bool:
    """Whether google-genai sends what it should have refused.

    That is what excludes each other (6), and on Vertex AI what that surface lacks (4.6).
    """
    return "exclude each other" in str(error) or (
        error.where.startswith(_UNCHECKED) and "only the Gemini API has this" in str(error)
    )


def without_what_vertex_lacks(message: dict[str, Any]) -> dict[str, Any]:
    """The same in a message of content or responses for Vertex AI, where it asks for nothing (4.6, 6)."""
    for key in ("clientContent", "toolResponse"):
        if key in message:
            message[key] = without_idle(without_idle(message[key], "willContinue"), "partMetadata")
    return message
