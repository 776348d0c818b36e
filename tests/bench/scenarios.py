"""What is done, and by which clients. No threads, sockets or clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

SPEED, PLAIN, GOOGLE, NODE, FLOOR = (
    "genai-live with `speed`",
    "genai-live",
    "google-genai",
    "@google/genai",
    "websocket-client",
)
CLIENTS = {
    SPEED: "genai_live",
    PLAIN: "genai_live_without_speed",
    GOOGLE: "google_genai",
    NODE: "google_genai.mjs",
    FLOOR: "websocket_client",
}
"""The names in the tables, in their order, and the files in `clients`."""

_PYTHON = (SPEED, PLAIN, GOOGLE, FLOOR)
_OURS = (SPEED, PLAIN)


@dataclass(frozen=True)
class Scenario:
    """One thing to do, in each round by each client once.

    Attributes:
        function: Its name in the files of the clients; empty where the import is measured.
        arguments: What the function is told.
        clients: Those that can do it.
    """

    function: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    clients: tuple[str, ...] = tuple(CLIENTS)


def _flood(kind: str, size: int, count: int) -> dict[str, Any]:
    return {"model": f"flood-{kind}-{size}-{count}", "count": count}


def _voices(sessions: int) -> Scenario:
    told = {"model": "voice-1920-25", "sessions": sessions, "seconds": 5}
    return Scenario("voice", told, (SPEED, PLAIN, GOOGLE))


SCENARIOS = {
    "receive": Scenario("receive", _flood("audio", 4800, 2000)),
    "callbacks": Scenario("callbacks", _flood("audio", 4800, 2000), _OURS),
    "fragments": Scenario("receive", _flood("text", 8, 3000)),
    "large": Scenario(
        "receive", _flood("audio", 749_400, 20)
    ),  # a megabyte in base64, which all clients take
    # In bursts: where the server falls behind, the kernel spends the sender's time on sorting what waits.
    "send": Scenario("send", {"model": "sink-200", "count": 200, "bursts": 10}),
    "round_trip": Scenario("round_trip", {"model": "echo-0", "warm_up": 100, "turns": 500}),
    "round_trip-thread": Scenario(
        "round_trip", {"model": "echo-0", "warm_up": 100, "turns": 500, "in_thread": True}, _PYTHON
    ),
    "busy": Scenario("round_trip", {"model": "echo-5", "warm_up": 5, "turns": 60, "burn": True}, _PYTHON),
    "connect": Scenario("connect", {"model": "echo-0", "later": 20}),
    "import": Scenario("", clients=_PYTHON),
    "idle": Scenario("memory", {"model": "echo-0", "sessions": 50}),
    "unread": Scenario(
        "memory", {"model": "flood-audio-1920-1500", "sessions": 10, "speak": True}, (SPEED, PLAIN, GOOGLE)
    ),
    "voice-1": _voices(1),
    "voice-10": _voices(10),
    "voice-100": _voices(100),
}
