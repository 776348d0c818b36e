"""What one connection of a client brings to the server: the request, and the setup."""

from dataclasses import dataclass
from typing import Any

from genai_live import Client
from tests.raw_server import Peer, RawServer
from tests.service import MODEL, accept_setup, answer_close
from tests.timing import SOON


@dataclass
class Upgrade:
    """A request, and the setup that followed it."""

    path: str
    headers: dict[str, str]
    """By lower-case name. A name that comes twice fails the test."""
    setup: dict[str, Any]


def upgrade_of(
    *,
    scheme: str = "http",
    path: str = "",
    headers: dict[str, str] | None = None,
    api_version: str | None = None,
    model: str = MODEL,
    config: dict[str, Any] | None = None,
    **arguments: Any,
) -> Upgrade:
    """Connects once, to a server on loopback.

    Args:
        scheme: Of the base URL.
        path: What follows the address in the base URL.
        headers: Of ``http_options``.
        api_version: Of ``http_options``.
        model: For ``connect``.
        config: For ``connect``.
        **arguments: Of the client.
    """
    options = {"headers": headers, "api_version": api_version}
    with RecordingServer() as server:
        options["base_url"] = f"{scheme}://localhost:{server.port}{path}"
        with Client(http_options=options, **arguments) as client:
            client.live.connect(model=model, config=config, timeout=SOON, reconnect=False).close()
    (upgrade,) = server.upgrades
    return upgrade


class RecordingServer(RawServer):
    """Accepts every connection, and keeps what it brought."""

    def __init__(self, **arguments: Any) -> None:
        super().__init__(self._record, **arguments)
        self.upgrades: list[Upgrade] = []

    def _record(self, peer: Peer) -> None:
        setup = accept_setup(peer)["setup"]
        request, *lines = peer.request.decode("latin-1").split("\r\n")
        headers: dict[str, str] = {}
        for line in lines:
            name, _, value = line.partition(":")
            assert name.lower() not in headers, f"{name} came twice"
            headers[name.lower()] = value.strip()
        self.upgrades.append(Upgrade(request.split(" ")[1], headers, setup))
        answer_close(peer)
