"""Where the service is, and under which names it knows things. Pure settings; any thread."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from urllib.parse import SplitResult, urlsplit

from genai_live import codec
from genai_live.errors import ConfigurationError
from genai_live.options import HttpOptions
from genai_live.redaction import SecretHeaders
from genai_live.verification import is_loopback
from genai_live.version import __version__

_GEMINI_URL = "https://generativelanguage.googleapis.com"
_AGENT = f"genai-live/{__version__} gl-python/{platform.python_version()}"
_AGENT_HEADERS = ("user-agent", "x-goog-api-client")
_WEBSOCKET_SCHEMES = {"https": "wss", "wss": "wss", "http": "ws", "ws": "ws"}
_HTTP_SCHEMES = {"https": "https", "wss": "https", "http": "http", "ws": "http"}


class ApiClient:
    """The surface that a client uses, its address, and the headers of every request.

    Args:
        vertexai: Vertex AI instead of the Gemini API.
        project: The Google Cloud project; Vertex AI only.
        location: The region, such as ``us-central1``; Vertex AI only.
        http_options: An HttpOptions, or a dict of its fields.
        gateway: Whether the base URL is the whole address of a gateway, dialled as it stands; Vertex AI only.

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
        gateway: bool = False,
    ) -> None:
        options = codec.structure(http_options or {}, HttpOptions, "http_options")
        self.vertexai = vertexai
        self.project = project
        self.location = location
        self.gateway = gateway
        self.allow_insecure = bool(options.allow_insecure)
        self.timeout = options.timeout
        self.headers = _merged({}, options.headers or {}, "http_options.headers")
        self.base_url = options.base_url or base_url_of_the_environment(vertexai) or self._default_url()
        self.api_version = options.api_version or self._default_version()
        self._parts = _split(self.base_url)

    def _default_url(self) -> str:
        if not self.vertexai:
            return _GEMINI_URL
        if self.location in (None, "global"):
            return "https://aiplatform.googleapis.com"
        if self.location in ("us", "eu"):
            return f"https://aiplatform.{self.location}.rep.googleapis.com"
        return f"https://{self.location}-aiplatform.googleapis.com"

    def _default_version(self) -> str:
        version = os.environ.get("GOOGLE_GENAI_API_VERSION")
        if version == "beta":
            return "v1beta1" if self.vertexai else "v1beta"
        return version or ("v1beta1" if self.vertexai else "v1")

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
            base_url=options.base_url or self.base_url,
            api_version=options.api_version or self.api_version,
            headers=_merged(self.headers, options.headers or {}, "config.http_options.headers"),
            timeout=self.timeout,
            allow_insecure=self.allow_insecure,
        )
        return ApiClient(
            vertexai=self.vertexai,
            project=self.project,
            location=self.location,
            http_options=merged,
            gateway=self.gateway,
        )

    def live_url(self, *, constrained: bool = False) -> str:
        """The address of the Live API; holds no credentials.

        Args:
            constrained: The method for ephemeral tokens, which only the Gemini API has.

        Raises:
            ConfigurationError: It is unencrypted and not on this machine, and ``allow_insecure`` is not set.
        """
        if self.vertexai:
            return self._websocket_url(
                f"google.cloud.aiplatform.{self.api_version}.LlmBidiService/BidiGenerateContent"
            )
        method = "BidiGenerateContentConstrained" if constrained else "BidiGenerateContent"
        return self._websocket_url(self._generative_service(method))

    def music_url(self) -> str:
        """The address of the music API; holds no credentials.

        Raises:
            ConfigurationError: As for ``live_url``, or on Vertex AI, which has no music.
        """
        if self.vertexai:
            raise ConfigurationError("only the Gemini API has music, not Vertex AI", where="vertexai")
        return self._websocket_url(self._generative_service("BidiGenerateMusic"))

    def _generative_service(self, method: str) -> str:
        return f"google.ai.generativelanguage.{self.api_version}.GenerativeService.{method}"

    def _websocket_url(self, service: str) -> str:
        parts = self._parts._replace(scheme=_WEBSOCKET_SCHEMES[self._parts.scheme])
        if not self.gateway:
            parts = parts._replace(path=f"{parts.path.rstrip('/')}/ws/{service}")
        return self._guarded(parts)

    def rest_url(self, path: str) -> str:
        """The address of a REST method, such as ``auth_tokens``; holds no credentials.

        Raises:
            ConfigurationError: As for ``live_url``.
        """
        path = f"{self._parts.path.rstrip('/')}/{self.api_version}/{path}"
        return self._guarded(self._parts._replace(scheme=_HTTP_SCHEMES[self._parts.scheme], path=path))

    def _guarded(self, parts: SplitResult) -> str:
        encrypted = parts.scheme in ("wss", "https")
        if not (encrypted or self.allow_insecure or is_loopback(parts.hostname or "")):
            raise ConfigurationError(
                "credentials would travel unencrypted: use https://, or set allow_insecure",
                where="http_options.base_url",
            )
        return parts.geturl()

    def model_name(self, model: str) -> str:
        """The full name of a model, as the setup has it.

        Args:
            model: Short, as ``gemini-3.8-live``; or full, as ``models/…`` on the Gemini API, and on Vertex AI
                ``publisher/name``, ``publishers/…``, ``endpoints/…`` or ``projects/…``.

        Raises:
            ConfigurationError: It is no name of a model.
        """
        if not isinstance(model, str) or not model or any(part in model for part in ("..", "?", "&")):
            raise ConfigurationError(f"expected a name such as gemini-3.8-live, got {model!r}", where="model")
        if not self.vertexai:
            return model if model.startswith(("models/", "tunedModels/")) else f"models/{model}"
        if model.startswith(("projects/", "models/")):
            return model
        return self._in_project(model)

    def _in_project(self, model: str) -> str:
        project = f"projects/{self.project}/locations/{self.location}/"
        known = bool(self.project and self.location)
        kind, *others = model.split("/")
        if kind == "endpoints" and len(others) == 1 and known:
            return project + model
        if not others:
            name = f"publishers/google/models/{model}"
        elif kind == "publishers":
            name = model
        elif len(others) == 1 and kind not in ("endpoints", "tunedModels"):
            name = f"publishers/{kind}/models/{others[0]}"
        else:
            raise ConfigurationError(
                f"expected a name such as gemini-3.8-live, publishers/google/models/gemini-3.8-live or"
                f" projects/…/locations/…/endpoints/…, got {model!r}",
                where="model",
            )
        return project + name if known else name

    def request_headers(self, credentials: Mapping[str, str]) -> SecretHeaders:
        """All headers of a request; those of ``http_options`` replace, or name another agent beside ours.

        Args:
            credentials: The headers that sign in.
        """
        own = dict.fromkeys(_AGENT_HEADERS, _AGENT)
        given = {
            name: f"{_AGENT} {value}" if name.lower() in _AGENT_HEADERS else value
            for name, value in self.headers.items()
        }
        signed = _merged({"content-type": "application/json", **own}, credentials, "the credentials")
        return _merged(signed, given, "http_options.headers")


def base_url_of_the_environment(vertexai: bool) -> str | None:
    """The address that the environment gives for a surface, or None."""
    return os.environ.get("GOOGLE_VERTEX_BASE_URL" if vertexai else "GOOGLE_GEMINI_BASE_URL") or None


def _split(base_url: str) -> SplitResult:
    where = "http_options.base_url"
    try:
        parts = urlsplit(base_url)
        usable = parts.scheme in _WEBSOCKET_SCHEMES and bool(parts.hostname) and parts.port != 0
    except ValueError:
        # Without a cause, which would show a piece of a password that holds a slash.
        raise ConfigurationError("expected an https:// address", where=where) from None
    if parts.username is not None or (not usable and "@" in base_url):
        raise ConfigurationError(
            "expected an address without a name and password; headers can hold them", where=where
        )
    if not usable:
        raise ConfigurationError(
            f"expected an https:// address, got {base_url.partition('?')[0]!r}", where=where
        )
    return parts._replace(fragment="")


def _merged(base: Mapping[str, str], over: Mapping[str, str], where: str) -> SecretHeaders:
    """Header names do not depend on case, so a name in another case replaces, and is not sent twice."""
    replaced = {name.lower() for name in over}
    merged = SecretHeaders({name: value for name, value in base.items() if name.lower() not in replaced})
    for name, value in over.items():
        if not isinstance(value, str) or any(character in name + value for character in "\r\n\0"):
            raise ConfigurationError(f"the value of {name!r} is no header text", where=where)
        merged[name] = value
    return merged
