"""The fixture that runs each test with both SDKs, over TLS and, where the SDK can, plain."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import pytest

from genai_live.emulator import Emulator
from tests.interop import javascript_sdk, python_sdk
from tests.interop.conversation import Access, ApiKey, Step, Transcript


@dataclass(frozen=True)
class Sdk:
    """An SDK, and how it connects."""

    name: str
    module: ModuleType
    tls: bool
    close_code: int
    """What the emulator sees when the caller closes: a normal closure, or a close frame without a code."""

    def emulator(self, *, time_scale: float = 0, **arguments: Any) -> Emulator:
        """Make an emulator that this SDK can reach."""
        return Emulator(tls=self.tls, time_scale=time_scale, **arguments)

    def converse(
        self,
        emulator: Emulator,
        *steps: Step,
        model: str,
        config: Mapping[str, Any] | None = None,
        access: Access | None = None,
    ) -> Transcript:
        """Hold a conversation."""
        return self.module.converse(
            emulator, steps, model=model, config=config or {}, access=access or ApiKey()
        )

    def create_token(self, emulator: Emulator, config: Mapping[str, Any], access: ApiKey) -> str:
        """Create an ephemeral token; return its name."""
        name: str = self.module.create_token(emulator, access, config)
        return name

    def make_music(
        self, emulator: Emulator, *steps: Step, model: str = "lyria-realtime-exp", key: str = "any-key"
    ) -> list[dict[str, Any]]:
        """Have the emulator make music; return what the SDK told, message by message."""
        events: list[dict[str, Any]] = self.module.make_music(emulator, steps, model=model, key=key)
        return events


_SDKS = (
    Sdk("google-genai, TLS", python_sdk, tls=True, close_code=1000),
    Sdk("@google/genai, TLS", javascript_sdk, tls=True, close_code=1005),
    Sdk("@google/genai, plain", javascript_sdk, tls=False, close_code=1005),
)


@pytest.fixture(params=_SDKS, ids=lambda sdk: sdk.name)
def sdk(request: pytest.FixtureRequest) -> Sdk:
    """One of the official SDKs."""
    sdk: Sdk = request.param
    if sdk.module is javascript_sdk:
        if not (shutil.which("node") and shutil.which("npm")):
            pytest.skip("@google/genai needs node and npm, and they are not both on the PATH")
        assert javascript_sdk.find_version(), "@google/genai is not installed; tox -e interop does that"
    return sdk


def pytest_report_header() -> str:
    """Name the versions that are tried."""
    return f"google-genai {python_sdk.VERSION}, @google/genai {javascript_sdk.find_version()}"
