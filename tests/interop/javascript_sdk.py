"""@google/genai, the official JavaScript SDK, in a Node process. The test's thread waits for it."""

from __future__ import annotations

import json
import os
import ssl
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from genai_live.emulator import Emulator
from tests.interop.conversation import Access, ApiKey, Gateway, Step, Transcript, Vertex, make_transcript
from tests.timing import SOON

HOME = Path(os.environ.get("GENAI_LIVE_TEST_NODE_HOME", "."))
"""Where tox has copied ``node/``, and installed what its package.json names."""


def find_version() -> str | None:
    """The version that is installed, or None."""
    manifest = HOME / "node_modules/@google/genai/package.json"
    return json.loads(manifest.read_text(encoding="utf-8"))["version"] if manifest.exists() else None


def converse(
    emulator: Emulator, steps: Sequence[Step], *, model: str, config: Mapping[str, Any], access: Access
) -> Transcript:
    """Hold a conversation with the emulator, over TLS or plain; close the session at its end."""
    conversation = {
        "client": _client_options(emulator.url, access),
        "token": access.token if isinstance(access, Vertex) else None,
        "model": model,
        "config": config,
        "steps": steps,
    }
    return make_transcript(_run("converse.mjs", conversation, emulator))


def create_token(emulator: Emulator, access: ApiKey, config: Mapping[str, Any]) -> str:
    """Create an ephemeral token; return its name."""
    request = {"client": _client_options(emulator.url, access), "config": config}
    (token,) = _run("create_token.mjs", request, emulator)
    name: str = token["name"]
    return name


def make_music(
    emulator: Emulator, steps: Sequence[Step], *, model: str, key: str = "any-key"
) -> list[dict[str, Any]]:
    """Have the emulator make music; return what the SDK told, message by message."""
    task = {"client": _client_options(emulator.url, ApiKey(key)), "model": model, "steps": steps}
    return _run("music.mjs", task, emulator)


def _run(program: str, told: Mapping[str, Any], emulator: Emulator) -> list[Any]:
    """Run a program in Node; return what it prints, line by line."""
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as authority:
        authority.write(_trusted(emulator))
        authority.flush()
        try:
            run = subprocess.run(
                ["node", HOME / program],
                input=json.dumps(told),
                env=os.environ | {"NODE_EXTRA_CA_CERTS": authority.name},
                capture_output=True,
                text=True,
                timeout=SOON,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise AssertionError(f"it does not go on after {str(error.stdout)[-1000:]}") from error
    assert run.returncode == 0, run.stderr
    return [json.loads(line) for line in run.stdout.splitlines()]


def _client_options(url: str, access: Access) -> dict[str, Any]:
    match access:
        case ApiKey(key, version):
            return {
                "apiKey": key,
                "httpOptions": {"baseUrl": url} | ({"apiVersion": version} if version else {}),
            }
        case Vertex(project, location):
            options = {"baseUrl": url}
            return {"vertexai": True, "project": project, "location": location, "httpOptions": options}
        case Gateway(path, headers):
            return {"vertexai": True, "httpOptions": {"baseUrl": url + path, "headers": headers}}


def _trusted(emulator: Emulator) -> str:
    context = emulator.ssl_context
    certificates = context.get_ca_certs(binary_form=True) if context else ()
    return "".join(ssl.DER_cert_to_PEM_cert(certificate) for certificate in certificates)
