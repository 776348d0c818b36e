"""Which proxy a request takes, for the WebSocket and for HTTP alike: requests decides.

Runs in the thread that dials.
"""

from __future__ import annotations

import os
import sys
from urllib.parse import urlsplit

from genai_live.errors import ConfigurationError
from genai_live.verification import is_loopback


def proxy_for(url: str) -> str | None:
    """The address of the proxy for an ``http(s)://`` URL by requests' rules, or None to connect directly.

    The environment decides: ``HTTPS_PROXY``, ``HTTP_PROXY``, ``ALL_PROXY``, ``NO_PROXY``.
    """
    # On a Mac the settings of the system count as well.
    if sys.platform != "darwin" and not any(name.lower().endswith("_proxy") for name in os.environ):
        return None
    import urllib.request  # noqa: PLC0415 - this and the next take long to import, and are rarely needed

    if not urllib.request.getproxies():
        return None
    import requests.utils  # noqa: PLC0415

    return requests.utils.select_proxy(url, requests.utils.get_environ_proxies(url))


def guarded_proxy_for(url: str, *, allow_insecure: bool) -> str | None:
    """The same, but nothing unencrypted goes to a proxy on another machine, as it would for this one's own.

    Args:
        url: An ``http(s)://`` URL.
        allow_insecure: Whether credentials may travel unencrypted.

    Raises:
        ConfigurationError: They would; or the proxy's address is broken.
    """
    proxy = proxy_for(url)
    if proxy is None:
        return None
    here = is_loopback(_host_of(proxy))
    if not (here or allow_insecure) and urlsplit(url).scheme == "http":
        raise ConfigurationError(
            "credentials would travel unencrypted to the proxy of the environment: name the host in NO_PROXY,"
            " use https://, or set allow_insecure",
            where="http_options.base_url",
        )
    return proxy


def _host_of(proxy: str) -> str:
    try:
        parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
        usable = parts.port != 0 and "@" not in parts.path + parts.query + parts.fragment
    except ValueError:
        usable = False
    if not usable or not parts.hostname:
        raise ConfigurationError(
            "its URL is broken; in a name or password, such as / and @ are written as %2F and %40",
            where="the proxy of the environment",
        )
    return parts.hostname
