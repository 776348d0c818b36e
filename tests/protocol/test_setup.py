"""Each setting lands where the service wants it."""

from genai_live import codec, types
from genai_live.protocol.setup import setup_message


def _setup(config, *, vertexai=False):
    settings = codec.structure(config, types.LiveConnectConfig, "config")
    return codec.to_json_dict(setup_message("models/m", settings, vertexai=vertexai))


def test_the_smallest_setup():
    """Nothing is sent that nobody asked for."""
    assert _setup({}) == {"model": "models/m"}


def test_generation_settings_go_into_generation_config():
    """The rest stays beside it, as the service refuses it elsewhere."""
    config = {
        "response_modalities": ["AUDIO"],
        "temperature": 0.5,
        "speechConfig": {"voiceConfig": {"prebuiltVoiceConfig": {"voiceName": "Puck"}}},
        "thinking_config": {"thinking_budget": 0},
        "system_instruction": "Be brief.",
        "output_audio_transcription": {},
        "session_resumption": {"handle": "h"},
        "context_window_compression": {"trigger_tokens": "1000", "sliding_window": {"target_tokens": 500}},
    }
    assert _setup(config) == {
        "model": "models/m",
        "generationConfig": {
            "responseModalities": ["AUDIO"],
            "temperature": 0.5,
            "speechConfig": {"voiceConfig": {"prebuiltVoiceConfig": {"voiceName": "Puck"}}},
            "thinkingConfig": {"thinkingBudget": 0},
        },
        "systemInstruction": {"parts": [{"text": "Be brief."}], "role": "user"},
        "outputAudioTranscription": {},
        "sessionResumption": {"handle": "h"},
        "contextWindowCompression": {"triggerTokens": 1000, "slidingWindow": {"targetTokens": 500}},
    }


def test_a_falsy_setting_wins_over_generation_config():
    """temperature=0 is a setting."""
    config = {"temperature": 0, "generation_config": {"temperature": 0.5, "top_p": 0.9}}
    assert _setup(config)["generationConfig"] == {"temperature": 0, "topP": 0.9}


def test_two_halves_of_one_setting_are_put_together():
    """Field by field; the setting of its own wins where both have one."""
    config = {
        "generation_config": {
            "speech_config": {"voice_config": {"prebuilt_voice_config": {"voice_name": "Puck"}}},
            "thinking_config": {"thinking_budget": 10, "include_thoughts": True},
        },
        "speech_config": {"language_code": "de-DE"},
        "thinking_config": {"thinking_budget": 0},
    }
    assert _setup(config)["generationConfig"] == {
        "speechConfig": {
            "voiceConfig": {"prebuiltVoiceConfig": {"voiceName": "Puck"}},
            "languageCode": "de-DE",
        },
        "thinkingConfig": {"thinkingBudget": 0, "includeThoughts": True},
    }


def test_an_empty_setting_is_sent():
    """It was asked for, as far as anyone can tell."""
    assert _setup({"generation_config": {}})["generationConfig"] == {}
    modalities = {"response_modalities": []}
    assert _setup(modalities, vertexai=True)["generationConfig"] == {"responseModalities": []}


def test_a_tool_that_is_none_is_left_out():
    """The service would refuse it."""
    assert _setup({"tools": [{}]}) == {"model": "models/m"}
    assert _setup({"tools": [{}, {"google_search": {}}]})["tools"] == [{"googleSearch": {}}]


def test_the_settings_are_not_changed():
    """They may be used again."""
    config = types.LiveConnectConfig(
        generation_config=types.GenerationConfig(temperature=0.5), temperature=0.1, tools=[types.Tool()]
    )
    before = repr(config)
    setup_message("models/m", config, vertexai=True)
    assert repr(config) == before


def test_vertex_asks_for_audio_unless_told():
    """As the official SDKs do; a modality inside generation_config counts."""
    assert _setup({}, vertexai=True)["generationConfig"] == {"responseModalities": ["AUDIO"]}
    text = {"generation_config": {"response_modalities": ["TEXT"]}}
    assert _setup(text, vertexai=True)["generationConfig"] == {"responseModalities": ["TEXT"]}


def test_vertex_ai_has_another_name_for_the_selection_of_a_model():
    """``model_selection_config`` is ``modelConfig`` there, as google-genai sends it."""
    config = {"generation_config": {"model_selection_config": {"feature_selection_preference": "BALANCED"}}}
    selection = {"featureSelectionPreference": "BALANCED"}
    assert _setup(config)["generationConfig"] == {"modelSelectionConfig": selection}
    assert _setup(config, vertexai=True)["generationConfig"] == {
        "responseModalities": ["AUDIO"],
        "modelConfig": selection,
    }
