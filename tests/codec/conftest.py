"""The codec runs on either engine."""

import pytest

from genai_live.codec import base64_text, json_text

ENGINES = {
    "standard": (json_text.StandardEngine(), base64_text.StandardEngine()),
    "installed": (json_text.engine, base64_text.engine),
}


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Runs a test on the standard library, and on orjson and pybase64 where they are installed."""
    json_engine, base64_engine = ENGINES[request.param]
    monkeypatch.setattr(json_text, "engine", json_engine)
    monkeypatch.setattr(base64_text, "engine", base64_engine)
    name: str = request.param
    return name
