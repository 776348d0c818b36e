"""A local server that behaves as the Live API does, for tests and for trying things out.

It shares no code with the client but the exceptions, so that it cannot share the client's mistakes. It
needs the ``emulator`` extra. It serves in a thread of its own.
"""

from __future__ import annotations

try:
    from genai_live.emulator.emulator import Emulator
except ModuleNotFoundError as error:
    if error.name in {"aiohttp", "trustme", "yaml"}:
        raise ModuleNotFoundError(
            f"the emulator needs {error.name}: pip install 'genai-live[emulator]'", name=error.name
        ) from error
    raise
from genai_live.emulator.recording import Connection
from genai_live.emulator.scripted import ScenarioMismatch

__all__ = ["Connection", "Emulator", "ScenarioMismatch"]
