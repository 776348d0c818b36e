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


def test_vertex_asks_for_audio_unless_told():
    """As the official SDKs do; a modality inside generation_config counts."""
    assert _setup({}, vertexai=True)["generationConfig"] == {"responseModalities": ["AUDIO"]}
    text = {"generation_config": {"response_modalities": ["TEXT"]}}
    assert _setup(text, vertexai=True)["generationConfig"] == {"responseModalities": ["TEXT"]}
