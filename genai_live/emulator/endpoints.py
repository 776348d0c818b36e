"""Which service a request is for, and whether its credentials will do. No threads, sockets or clock."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal, cast

from genai_live.emulator.refusal import Refusal

Method = Literal["BidiGenerateContent", "BidiGenerateContentConstrained", "BidiGenerateMusic"]
"""What is asked of the service: a conversation, one that is opened with an ephemeral token, or music."""

_GEMINI = re.compile(
    r"/ws/google\.ai\.generativelanguage\.(v1|v1beta|v1alpha)\.GenerativeService\."
    r"(BidiGenerateContent|BidiGenerateContentConstrained|BidiGenerateMusic)$"
)
_VERTEX = re.compile(r"/ws/google\.cloud\.aiplatform\.(v1|v1beta1)\.LlmBidiService/(BidiGenerateContent)$")
_SURFACES: tuple[tuple[Literal["gemini", "vertex"], re.Pattern[str]], ...] = (
    ("gemini", _GEMINI),
    ("vertex", _VERTEX),
)
_AUTH_TOKENS = re.compile(r"/(v1|v1beta|v1alpha)/auth_tokens$")

_NO_CREDENTIALS = (
    "Method doesn't allow unregistered callers (callers without established identity). "
    "Please use API Key or other form of API consumer identity to call this API."
)
_BAD_KEY = "API key not valid. Please pass a valid API key."
BAD_TOKEN = (
    "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other "  # noqa: S105
    "valid authentication credential."
)


@dataclass(frozen=True)
class Endpoint:
    """What a path names.

    Attributes:
        surface: The Gemini API, or Vertex AI.
        version: The API version, such as ``v1beta``.
        method: What is asked of the service.
    """

    surface: Literal["gemini", "vertex"]
    version: str
    method: Method = "BidiGenerateContent"

    @property
    def package(self) -> str:
        """The protobuf package of this version, as type names in close reasons show it."""
        if self.surface == "gemini":
            return f"google.ai.generativelanguage.{self.version}"
        return f"google.cloud.aiplatform.{self.version}"


def find_endpoint(path: str) -> Endpoint | None:
    """Find the endpoint that a request's path names, or None.

    The official SDKs send ``//ws/…`` when their base URL ends in a slash, and a base URL may have a path of
    its own (protocol notes, 1.1), so slashes are collapsed and anything may stand before ``/ws/``.
    """
    collapsed = re.sub("/{2,}", "/", path)
    for surface, pattern in _SURFACES:
        if match := pattern.search(collapsed):
            return Endpoint(surface, match[1], cast("Method", match[2]))
    return None


def find_auth_tokens(path: str) -> Endpoint | None:
    """Find the endpoint whose ephemeral tokens are created at a path, or None."""
    match = _AUTH_TOKENS.search(re.sub("/{2,}", "/", path))
    return Endpoint("gemini", match[1]) if match else None


def find_token(headers: Mapping[str, str], query: Mapping[str, str]) -> str:
    """Find the ephemeral token that a request brought.

    Args:
        headers: The request's headers; names in any case.
        query: Its query parameters.

    Raises:
        Refusal: There is none.
    """
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "token":
        # google-genai has the token here as well (protocol notes, 1.3).
        token = query.get("access_token") or headers.get("x-goog-api-key") or ""
    if not token.strip():
        raise Refusal(1008, _NO_CREDENTIALS)
    return token.strip()


def check_credentials(
    endpoint: Endpoint, headers: Mapping[str, str], query: Mapping[str, str], api_keys: Collection[str] | None
) -> None:
    """Check what the request brought: an API key, or on Vertex AI an OAuth token.

    Args:
        endpoint: Where the request went.
        headers: Its headers; names in any case.
        query: Its query parameters.
        api_keys: The keys that are good; None if every key is.

    Raises:
        Refusal: There are none, or they are not good.
    """
    key = headers.get("x-goog-api-key") or query.get("key") or ""
    authorization = headers.get("authorization", "")
    if endpoint.surface == "vertex" and authorization:
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise Refusal(1008, BAD_TOKEN)
    elif not key:
        raise Refusal(1008, _NO_CREDENTIALS)
    # An ephemeral token is no key: on this method the service refuses it as one.
    elif key.startswith("auth_tokens/") or (api_keys is not None and key not in api_keys):
        raise Refusal(1007, _BAD_KEY)
