"""Who the client is, from its arguments and the environment. Pure settings; any thread."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import attrs

from genai_live.auth import TOKEN_PREFIX, ApiKeyAuth, Auth, GoogleAuth, NoAuth, TokenAuth
from genai_live.errors import AuthenticationError, ConfigurationError

if TYPE_CHECKING:
    import google.auth.credentials


@attrs.frozen
class SignIn:
    """How requests are signed in, and what that leaves of project and location."""

    auth: Auth
    project: str | None = None
    location: str | None = None
    gateway: bool = False
    """Whether the base URL is a gateway's whole address."""


def chosen_surface(vertexai: bool | None, enterprise: bool | None) -> bool:
    """Whether it is Vertex AI: ``enterprise`` is the newer name for it, and goes first.

    Raises:
        ConfigurationError: The two contradict each other.
    """
    if enterprise is not None and vertexai is not None and enterprise != vertexai:
        raise ConfigurationError("contradicts vertexai; give one of them", where="enterprise")
    for given in (enterprise, vertexai):
        if given is not None:
            return bool(given)
    for variable in ("GOOGLE_GENAI_USE_ENTERPRISE", "GOOGLE_GENAI_USE_VERTEXAI"):
        if os.environ.get(variable):
            return os.environ[variable].lower() in ("true", "1")
    return False


def sign_in_to_gemini_api(
    api_key: str | None,
    *,
    project: str | None,
    location: str | None,
    credentials: google.auth.credentials.Credentials | None,
) -> SignIn:
    """A key or an ephemeral token, of the argument or the environment.

    Raises:
        AuthenticationError: There is none.
        ConfigurationError: An argument is for Vertex AI only.
    """
    if credentials or project or location:
        raise ConfigurationError("credentials, project and location are for vertexai=True")
    key = api_key or _key_of_the_environment()
    if not key:
        raise AuthenticationError(
            "no API key: give Client(api_key=…), or set GOOGLE_API_KEY or GEMINI_API_KEY"
        )
    return SignIn(TokenAuth(key) if str(key).strip().startswith(TOKEN_PREFIX) else ApiKeyAuth(key))


def sign_in_to_vertex_ai(
    api_key: str | None,
    *,
    project: str | None,
    location: str | None,
    credentials: google.auth.credentials.Credentials | None,
    base_url: str | None,
) -> SignIn:
    """A key (express mode), a gateway that needs none, or credentials with a project.

    An argument goes before the environment, and of the environment a project before a key.

    Raises:
        AuthenticationError: There is nothing to sign in with.
    """
    if api_key and not (project or location):
        return SignIn(ApiKeyAuth(api_key))
    project = project or os.environ.get("GOOGLE_CLOUD_PROJECT")
    location = location or os.environ.get("GOOGLE_CLOUD_LOCATION")
    if api_key:
        return SignIn(ApiKeyAuth(api_key), project, location)
    key = _key_of_the_environment()
    if key and not (credentials or project or location):
        return SignIn(ApiKeyAuth(key))
    if base_url and not _is_googles(base_url) and not (project and location):
        return SignIn(NoAuth(), gateway=True)
    if not project:
        raise AuthenticationError(
            "no project for Vertex AI: give Client(project=…), or set GOOGLE_CLOUD_PROJECT; for express mode"
            " give Client(api_key=…), or set GOOGLE_API_KEY or GEMINI_API_KEY"
        )
    return SignIn(GoogleAuth(credentials), project, location or "global")


def _is_googles(base_url: str) -> bool:
    return (urlsplit(base_url).hostname or "").endswith(".googleapis.com")


def _key_of_the_environment() -> str | None:
    return os.environ.get("GOOGLE_API_KEY") or os.environ.get("GEMINI_API_KEY")
