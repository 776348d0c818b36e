"""What only one of the two surfaces has: the Gemini API or Vertex AI. No threads, sockets or clock.

Source: what google-genai 3.4.0 and @google/genai 3.1.0 both refuse for a Live connection. What they send on
both surfaces is sent, even where a surface is said to lack it: the service changes faster than its documents,
and says so itself.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from genai_live import codec
from genai_live.errors import ConfigurationError
from genai_live.record import Record, field_names
from genai_live.types import LiveConnectConfig

_Fields = Mapping[str, Collection[str]]

VERTEX_AI_ONLY: _Fields = {
    "AuthConfig": {
        "api_key_config",
        "auth_type",
        "google_service_account_config",
        "http_basic_auth_config",
        "oauth_config",
        "oidc_config",
    },
    "FunctionCall": {"partial_args", "will_continue"},
    "GoogleMaps": {"grounding_types"},
    "GoogleSearch": {"blocking_confidence", "exclude_domains"},
    "LiveConnectConfig": {"explicit_vad_signal"},
    "SafetySetting": {"method"},
    "SessionResumptionConfig": {"transparent"},
    "Tool": {"enterprise_web_search", "exa_ai_search", "parallel_ai_search", "retrieval"},
}
"""Fields by class, as the types have them."""

GEMINI_API_ONLY: _Fields = {
    "FunctionResponse": {"will_continue"},
    "FunctionResponsePart": {"media_processing"},
    "GenerationConfig": {"enable_enhanced_civic_answers"},
    "Part": {"part_metadata", "tool_call", "tool_response"},
    "ReplicatedVoiceConfig": {"consent_audio", "voice_consent_signature"},
    "Tool": {"file_search", "mcp_servers"},
}

_ONLY_VERTEX_AI = "only Vertex AI has this, not the Gemini API"
_ONLY_GEMINI_API = "only the Gemini API has this, not Vertex AI"


def hold_to_surface(value: object, where: str, *, vertexai: bool) -> None:
    """Refuses what the surface does not have, and takes out what asks for nothing, such as a False.

    Args:
        value: A record of ours, or a list of them; it is changed.
        where: What it is called, the start of the path in an error.
        vertexai: Which surface it goes to.

    Raises:
        ConfigurationError: A field is set that the surface does not have; it names the surface that does.
    """
    if vertexai:
        _hold(value, where, GEMINI_API_ONLY, _ONLY_GEMINI_API)
    else:
        _hold(value, where, VERTEX_AI_ONLY, _ONLY_VERTEX_AI)


def hold_settings_to_surface(value: object, where: str, *, vertexai: bool) -> None:
    """The same for what says how a session is to be, or has tools: what a message has not.

    What the Gemini API lacks in a schema is said to it in JSON Schema.

    Raises:
        ConfigurationError: As in ``hold_to_surface``. Or the settings of a session ask for several voices,
            which Live has on neither surface.
    """
    if not vertexai:
        codec.say_in_json_schema(value)
    hold_to_surface(value, where, vertexai=vertexai)
    speech = value.speech_config if isinstance(value, LiveConnectConfig) else None
    if speech is not None and speech.multi_speaker_voice_config is not None:
        raise ConfigurationError(
            "Live speaks with one voice", where=f"{where}.speech_config.multi_speaker_voice_config"
        )


def _hold(value: object, where: str, missing: _Fields, complaint: str) -> None:
    """Looks into records and lists; maps are the same on both surfaces."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            _hold(item, f"{where}[{index}]", missing, complaint)
    elif isinstance(value, Record):
        missing_here = missing.get(type(value).__name__, ())
        for name in field_names(type(value)):
            item = getattr(value, name)
            if item is None:  # as nearly all are
                continue
            if name in missing_here:
                if item:
                    raise ConfigurationError(complaint, where=f"{where}.{name}")
                setattr(value, name, None)
            elif isinstance(item, (Record, list)):
                _hold(item, f"{where}.{name}", missing, complaint)
