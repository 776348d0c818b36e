"""What only one of the two surfaces has is refused at the call, on the other one."""

import pytest

from genai_live import Client, ConfigurationError, types
from genai_live.protocol.surfaces import GEMINI_API_ONLY, VERTEX_AI_ONLY
from genai_live.record import field_names
from tests.client.upgrade import RecordingServer, upgrade_of
from tests.service import KEY, MODEL
from tests.timing import SOON

EXPRESS = {"api_key": KEY, "vertexai": True}
GEMINI = {"api_key": KEY}

ONLY_ON_VERTEX = [
    ({"session_resumption": {"transparent": True}}, "config.session_resumption.transparent"),
    ({"explicit_vad_signal": True}, "config.explicit_vad_signal"),
    (
        {"safety_settings": [{"category": "HARM_CATEGORY_HARASSMENT", "method": "SEVERITY"}]},
        "config.safety_settings[0].method",
    ),
    ({"tools": [{"google_search": {}}, {"retrieval": {}}]}, "config.tools[1].retrieval"),
    ({"tools": [{"enterprise_web_search": {}}]}, "config.tools[0].enterprise_web_search"),
    (
        {"tools": [{"google_search": {"exclude_domains": ["a.test"]}}]},
        "config.tools[0].google_search.exclude_domains",
    ),
    (
        {"tools": [{"google_maps": {"auth_config": {"oauth_config": {"access_token": "t"}}}}]},
        "config.tools[0].google_maps.auth_config.oauth_config",
    ),
]
ONLY_ON_GEMINI = [
    (
        {"generation_config": {"enable_enhanced_civic_answers": True}},
        "config.generation_config.enable_enhanced_civic_answers",
    ),
    ({"tools": [{"file_search": {"file_search_store_names": ["a"]}}]}, "config.tools[0].file_search"),
    ({"tools": [{"mcp_servers": [{"name": "a"}]}]}, "config.tools[0].mcp_servers"),
    (
        {"speech_config": {"voice_config": {"replicated_voice_config": {"consent_audio": b"a"}}}},
        "config.speech_config.voice_config.replicated_voice_config.consent_audio",
    ),
    (
        {"system_instruction": {"parts": [{"text": "a", "part_metadata": {"b": 1}}]}},
        "config.system_instruction.parts[0].part_metadata",
    ),
]

TWO_VOICES = (
    {"speech_config": {"multi_speaker_voice_config": {"speaker_voice_configs": [{"speaker": "A"}]}}},
    "config.speech_config.multi_speaker_voice_config",
)


@pytest.mark.parametrize(
    ("client", "config", "where", "surface"),
    [
        *((GEMINI, config, where, "only Vertex AI has this") for config, where in ONLY_ON_VERTEX),
        *((EXPRESS, config, where, "only the Gemini API has this") for config, where in ONLY_ON_GEMINI),
        (GEMINI, *TWO_VOICES, "one voice"),
        (EXPRESS, *TWO_VOICES, "one voice"),
    ],
)
def test_a_setting_of_the_other_surface_is_refused(client, config, where, surface):
    """With its path and the surface that has it, before anything is dialled."""
    with RecordingServer() as server:
        options = {"base_url": f"http://localhost:{server.port}"}
        with Client(http_options=options, **client) as refusing:
            with pytest.raises(ConfigurationError, match=surface) as caught:
                refusing.live.connect(model=MODEL, config=config)
    assert caught.value.where == where
    assert server.connections == 0


@pytest.mark.parametrize(
    ("client", "config"),
    [
        *((EXPRESS, config) for config, _ in ONLY_ON_VERTEX),
        *((GEMINI, config) for config, _ in ONLY_ON_GEMINI),
    ],
)
def test_its_own_surface_gets_it(client, config):
    """What is refused on one is sent on the other."""
    setup = upgrade_of(config=config, **client).setup
    without_it = upgrade_of(**client).setup
    assert setup != without_it


def test_asking_for_nothing_is_not_refused():
    """And is left out, as the service would refuse the name."""
    config = {"session_resumption": {"handle": "h", "transparent": False}, "explicit_vad_signal": False}
    setup = upgrade_of(config=config, **GEMINI).setup
    assert setup == {"model": f"models/{MODEL}", "sessionResumption": {"handle": "h"}}
    assert upgrade_of(config=config, **EXPRESS).setup["explicitVadSignal"] is False


def test_what_the_official_sdks_send_on_both_is_sent_on_both():
    """Labels, safety settings, an avatar, voices in generation_config: the service knows best."""
    config = {
        "labels": {"team": "a_b"},
        "avatar_config": {"avatar_name": "Kira"},
        "generation_config": {"speech_config": {"multi_speaker_voice_config": {}}},
        "safety_settings": [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "OFF"}],
        "translation_config": {"target_language_code": "fr"},
    }
    for client in (GEMINI, EXPRESS):
        setup = upgrade_of(config=config, **client).setup
        assert setup["labels"] == {"team": "a_b"}
        assert {"avatarConfig", "safetySettings"} < setup.keys()
        assert setup["generationConfig"]["speechConfig"] == {"multiSpeakerVoiceConfig": {}}
        assert setup["generationConfig"]["translationConfig"] == {"targetLanguageCode": "fr"}


def test_the_callers_config_is_not_changed():
    """What is left out of the message stays in the settings."""
    config = types.LiveConnectConfig(explicit_vad_signal=False)
    upgrade_of(config=config, **GEMINI)
    assert config.explicit_vad_signal is False


@pytest.mark.parametrize(
    ("client", "call", "where"),
    [
        (
            EXPRESS,
            lambda session: session.send_client_content(turns=types.Part(tool_call={"id": "1"})),
            "turns[0].parts[0].tool_call",
        ),
        (
            GEMINI,
            lambda session: session.send_client_content(
                turns=[{"parts": [{"function_call": {"name": "f", "will_continue": True}}]}]
            ),
            "turns[0].parts[0].function_call.will_continue",
        ),
        (
            EXPRESS,
            lambda session: session.send_tool_response(
                function_responses={"name": "f", "response": {}, "will_continue": True}
            ),
            "function_responses[0].will_continue",
        ),
        (
            GEMINI,
            lambda session: session.send_context_update(tools=[{"retrieval": {"disable_attribution": True}}]),
            "tools[0].retrieval",
        ),
    ],
)
def test_a_message_for_the_other_surface_is_refused(client, call, where):
    """In every kind of message that has such fields; nothing is sent, and the session goes on."""
    with RecordingServer() as server:
        options = {"base_url": f"http://localhost:{server.port}"}
        with Client(http_options=options, **client) as refusing:
            with refusing.live.connect(model=MODEL, timeout=SOON) as session:
                sent = session.stats.messages_sent
                with pytest.raises(ConfigurationError, match="has this") as caught:
                    call(session)
                assert caught.value.where == where
                assert session.stats.messages_sent == sent


@pytest.mark.parametrize("table", [VERTEX_AI_ONLY, GEMINI_API_ONLY])
def test_the_tables_name_fields_that_there_are(table):
    """A wrong name there would refuse nothing."""
    for kind, names in table.items():
        assert set(names) <= set(field_names(getattr(types, kind))), kind
