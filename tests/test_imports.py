"""What is imported, as every program waits for it."""

import os
import subprocess
import sys

import pytest

from genai_live.emulator import Emulator

SLOW = {
    "certifi",
    "decimal",
    "difflib",
    "email.message",
    "email.utils",
    "google.auth",
    "http.client",
    "importlib.metadata",
    "requests",
    "urllib.request",
    "websockets",
    "genai_live.cli",
    "genai_live.emulator",
    "genai_live.signatures.functions",
    "genai_live.signatures.structuring",
    "genai_live.signatures.values",
    "genai_live.transport.socks",
}
"""What takes milliseconds to import, and what stands for others that do; a conversation needs none of it."""

BEGIN = "import sys; before = set(sys.modules)\nfrom genai_live import Client\n"
TALK = """
with Client(api_key="any", http_options={"base_url": sys.argv[1]}) as client:
    with client.live.connect(model="gemini-3.8-live") as session:
        assert session.ask("Hello", timeout=60).messages
        session.send_client_content(turns="Hello")
        assert list(session.receive(timeout=60))
"""
END = "print(*sorted(set(sys.modules) - before))"


@pytest.mark.parametrize("talk", ["", TALK], ids=["an import", "a conversation"])
def test_what_is_slow_to_import_is_imported_where_it_is_needed(talk: str) -> None:
    """Neither the import nor the first conversation in text waits for what it does not use."""
    with Emulator(time_scale=0) as emulator:
        run = subprocess.run(
            [sys.executable, "-c", BEGIN + talk + END, emulator.url],
            env={name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")},
            capture_output=True,
            text=True,
            check=True,
        )
    loaded = set(run.stdout.split())
    assert "genai_live.client" in loaded
    assert not loaded & SLOW
