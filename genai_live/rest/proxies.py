"""Which proxy a request takes, for the WebSocket and for HTTP alike: requests decides.

Runs in the thread that dials.
"""

from __future__ import annotations

import urllib.request


def proxy_for(url: str) -> str | None:
    """The address of the proxy for an ``http(s)://`` URL by requests' rules, or None to connect directly.

    The environment decides: ``HTTPS_PROXY``, ``HTTP_PROXY``, ``ALL_PROXY``, ``NO_PROXY``.
    """
    if not urllib.request.getproxies():
        return None
    import requests.utils  # noqa: PLC0415 - half of the import time of everything, and rarely needed

    return requests.utils.select_proxy(url, requests.utils.get_environ_proxies(url))
