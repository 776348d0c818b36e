"""Where the service is, and under which names it knows things. Pure settings; any thread."""

from __future__ import annotations

import ipaddress
import os
import platform
from collections.abc import Mapping
from urllib.parse import urlsplit

from genai_live import codec
from genai_live.errors import ConfigurationError
from genai_live.options import HttpOptions
from genai_live.version import __version__

_GEMINI_URL = "https://generativelanguage.googleapis.com"
_AGENT = f"genai-live/{__version__} gl-python/{platform.python_version()}"
_WEBSOCKET_SCHEMES = {"https": "wss", "wss": "wss", "http": "ws", "ws": "ws"}


class ApiClient:
    """The surface that a client uses, its address, and the headers of every request.

    Args:
        vertexai: Vertex AI instead of the Gemini API.
        project: The Google Cloud project; Vertex AI only.
        location: The region, such as ``us-central1``; Vertex AI only.
        http_options: An HttpOptions, or a dict of its fields.

    Raises:
        ConfigurationError: A setting is wrong or missing.
    """

    def __init__(
        self,
        *,
        vertexai: bool = False,
        project: str | None = None,
        location: str | None = None,
        http_options: HttpOptions | Mapping[str, object] | None = None,
    ) -> None:
        options = codec.structure(http_options or {}, HttpOptions, "http_options")
        self._options = options
        self.vertexai = vertexai
        self.project = project
        self.location = location
        self.allow_insecure = bool(options.allow_insecure)
        variable = "GOOGLE_VERTEX_BASE_URL" if vertexai else "GOOGLE_GEMINI_BASE_URL"
        self.base_url = options.base_url or os.environ.get(variable) or self._default_url()
        self.api_version = (
            options.api_version
            or os.environ.get("GOOGLE_GENAI_API_VERSION")
            or ("v1beta1" if vertexai else "v1")
        )
        self.headers = _merged(
            {"content-type": "application/json", "user-agent": _AGENT, "x-goog-api-client": _AGENT},
            options.headers or {},
        )
        self._parts = urlsplit(self.base_url)
        if self._parts.scheme not in _WEBSOCKET_SCHEMES or not self._parts.hostname:
            raise ConfigurationError(
                f"expected an https:// address, got {self.base_url!r}", where="http_options.base_url"
            )

    def _default_url(self) -> str:
        if not self.vertexai:
            return _GEMINI_URL
        if self.location in (None, "global"):
            return "https://aiplatform.googleapis.com"
        if self.location in ("us", "eu"):
            return f"https://aiplatform.{self.location}.rep.googleapis.com"
        return f"https://{self.location}-aiplatform.googleapis.com"

    def for_session(self, options: HttpOptions | None) -> ApiClient:
        """The same with what one session's config changes: address, version and headers."""
        if options is None:
            return self
        if options.timeout is not None or options.allow_insecure is not None:
            raise ConfigurationError(
                "a session can only have its own base_url, api_version and headers; timeout is an argument"
                " of connect()",
                where="config.http_options",
            )
        merged = HttpOptions(
            base_url=options.base_url or self._options.base_url,
            api_version=options.api_version or self._options.api_version,
            headers=_merged(self._options.headers or {}, options.headers or {}),
            allow_insecure=self._options.allow_insecure,
        )
        return ApiClient(
            vertexai=self.vertexai, project=self.project, location=self.location, http_options=merged
        )

    def live_url(self) -> str:
        """The address of the Live API; holds no credentials.

        Raises:
            ConfigurationError: It is unencrypted and not on this machine, and ``allow_insecure`` is not set.
        """
        scheme = _WEBSOCKET_SCHEMES[self._parts.scheme]
        if scheme == "ws" and not (self.allow_insecure or _is_loopback(self._parts.hostname or "")):
            raise ConfigurationError(
                "credentials would travel unencrypted: use https://, or set allow_insecure",
                where="http_options.base_url",
            )
        service = (
            f"google.cloud.aiplatform.{self.api_version}.LlmBidiService/BidiGenerateContent"
            if self.vertexai
            else f"google.ai.generativelanguage.{self.api_version}.GenerativeService.BidiGenerateContent"
        )
        path = self._parts.path.rstrip("/")
        return f"{scheme}://{self._parts.netloc}{path}/ws/{service}"

    def model_name(self, model: str) -> str:
        """The full name of a model, as the setup has it.

        Raises:
            ConfigurationError: It is no name of a model.
        """
        if not isinstance(model, str) or not model or any(part in model for part in ("..", "?", "&")):
            raise ConfigurationError(f"expected a name such as gemini-3.8-live, got {model!r}", where="model")
        if not self.vertexai:
            return model if model.startswith(("models/", "tunedModels/")) else f"models/{model}"
        if model.startswith(("projects/", "models/")):
            return model
        name = model if model.startswith("publishers/") else f"publishers/google/models/{model}"
        if self.project and self.location:
            return f"projects/{self.project}/locations/{self.location}/{name}"
        return name

    def request_headers(self, credentials: Mapping[str, str]) -> dict[str, str]:
        """All headers of an upgrade request."""
        return _merged(self.headers, credentials)


def _merged(base: Mapping[str, str], over: Mapping[str, str]) -> dict[str, str]:
    """Header names do not depend on case, so a name in another case replaces, and is not sent twice."""
    replaced = {name.lower() for name in over}
    merged = {name: value for name, value in base.items() if name.lower() not in replaced}
    for name, value in over.items():
        if not isinstance(value, str) or any(character in name + value for character in "\r\n\0"):
            raise ConfigurationError(f"the value of {name!r} is no header text", where="http_options.headers")
        merged[name] = value
    return merged


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
