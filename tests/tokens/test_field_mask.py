"""Which fields a token locks, as the request says it."""

import pytest

from genai_live import ConfigurationError
from tests.http_service import asking, http_service


def mask(config, lock):
    """The field mask that is sent, or None."""
    constraints = {"model": "gemini-3.8-live", "config": config}
    with http_service() as service, asking(service) as client:
        client.auth_tokens.create({"live_connect_constraints": constraints, "lock_additional_fields": lock})
    (request,) = service.requests
    return request.json.get("fieldMask")


@pytest.mark.parametrize(
    ("config", "paths"),
    [
        ({}, "model"),
        ({"temperature": 0.5, "top_k": 4}, "model,generationConfig.temperature,generationConfig.topK"),
        ({"generation_config": {"max_output_tokens": 5}}, "model,generationConfig.maxOutputTokens"),
        ({"temperature": 0}, "model,generationConfig.temperature"),
        ({"tools": [{"google_search": {}}]}, "model,tools"),
        ({"output_audio_transcription": {}}, "model,outputAudioTranscription"),
        (
            {"context_window_compression": {"trigger_tokens": 9, "sliding_window": {"target_tokens": 3}}},
            "model,contextWindowCompression.slidingWindow,contextWindowCompression.triggerTokens",
        ),
    ],
)
def test_an_empty_list_locks_what_the_constraints_set(config, paths):
    """Down to the second level, so that what is not set in an object stays open; lists as a whole."""
    assert sorted(mask(config, []).split(",")) == sorted(paths.split(","))


@pytest.mark.parametrize(
    ("lock", "path"),
    [
        ("top_k", "generationConfig.topK"),
        ("topK", "generationConfig.topK"),
        ("thinking_config", "generationConfig.thinkingConfig"),
        ("media_resolution", "generationConfig.mediaResolution"),
        ("system_instruction", "systemInstruction"),
        ("tools", "tools"),
        ("generation_config.top_k", "generationConfig.topK"),
        (
            "realtimeInputConfig.automaticActivityDetection",
            "realtimeInputConfig.automaticActivityDetection",
        ),
    ],
)
def test_more_can_be_locked(lock, path):
    """By the name that the setting has in a config, in either casing; it goes out as its path in a setup."""
    assert mask({"temperature": 0.5}, [lock]) == f"model,generationConfig.temperature,{path}"


def test_without_a_list_all_is_locked():
    """Then there is no mask, which is how the service wants it said."""
    assert mask({"temperature": 0.5}, None) is None


@pytest.mark.parametrize(("lock", "expected"), [([], {}), (["seed"], {"fieldMask": "generationConfig.seed"})])
def test_fields_can_be_locked_without_constraints(lock, expected):
    """They are then unset in every session; an empty list locks nothing."""
    with http_service() as service, asking(service) as client:
        client.auth_tokens.create({"lock_additional_fields": lock})
    assert service.requests[0].json == expected


@pytest.mark.parametrize(
    ("lock", "complaint"),
    [
        ("temprature", r"lock_additional_fields\[1\]: .*'temprature'.*did you mean 'temperature'"),
        ("http_options", "there is no field 'http_options'"),
        ("tools.name", "there is no field 'tools.name'"),
        ("", "there is no field ''"),
    ],
)
def test_what_is_no_field_is_refused(lock, complaint):
    """A path that does not exist would lock nothing; the nearest right name is told."""
    with pytest.raises(ConfigurationError, match=complaint):
        mask({}, ["seed", lock])
