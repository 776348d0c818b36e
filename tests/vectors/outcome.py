"""What comes of a case: from our library, and from what was recorded of the official SDKs."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from genai_live.errors import AuthenticationError, ConfigurationError, LiveError, StateError
from tests.vectors.cases import Case, load_rulings
from tests.vectors.normal_form import credentials, normal, normal_path
from tests.vectors.recorder import Request

_LIBRARY = re.compile(r"(google-genai-sdk|genai-live)/\S+ gl-\S+")
REFUSALS = (ConfigurationError, AuthenticationError, StateError)
"""What we raise before anything is sent."""


@dataclass
class Outcome:
    """What a server would see of a case, in the normal form, and what the caller is told."""

    refused: bool = False
    """Whether the call raised before anything was sent."""
    failed: bool = False
    """Whether the call raised after that: the service refused."""
    address: str = ""
    """Host, where it is one of Google's, and path."""
    credentials: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    """The headers that the caller set, and the library's name where the caller added to it."""
    frames: list[Any] = field(default_factory=list)
    ops: list[Any] = field(default_factory=list)
    """For each operation: ``ok``, ``refused``, or what was read."""

    def differences(self, other: Outcome) -> list[str]:
        """Where another outcome differs, one line for each."""
        return [
            f"{name}: {ours!r} is not {theirs!r}"
            for name, ours in vars(self).items()
            if _strictly(ours) != _strictly(theirs := getattr(other, name))
        ]


def _strictly(value: Any) -> str:
    """Python takes True for 1; JSON does not."""
    return json.dumps(value, sort_keys=True)


def recorded(record: dict[str, Any]) -> Outcome:
    """What an SDK did."""
    raised, frames = "error" in record, record.get("frames") or []
    if raised and not frames:
        return Outcome(refused=True)
    return Outcome(
        failed=raised,
        address=_address(record.get("uri", ""), record["path"]),
        credentials=credentials(record["path"], record["headers"]),
        headers=_own_headers(record["headers"]),
        frames=normal(frames),
        ops=[_told(op) for op in record.get("ops", ())],
    )


def observed(error: Exception | None, url: str, requests: list[Request], ops: list[Any]) -> Outcome:
    """What we did."""
    if not requests:
        assert isinstance(error, REFUSALS), f"nothing was sent, and {error!r} was raised"
        return Outcome(refused=True)
    request, *repeated = requests
    # Only a REST call is made again, where the service fails, and then with the same.
    assert all(one.method == "POST" and one.frames == request.frames for one in repeated)
    assert error is None or isinstance(error, LiveError), f"{error!r} is not ours"
    return Outcome(
        failed=error is not None,
        address=_address(url, request.path),
        credentials=credentials(request.path, request.headers),
        headers=_own_headers(request.headers),
        frames=normal(request.frames),
        ops=ops,
    )


def _address(uri: str, path: str) -> str:
    host = urlsplit(uri).hostname or ""
    return (host if "google" in host else "") + normal_path(path)


def _own_headers(headers: dict[str, str]) -> dict[str, str]:
    return {
        name: _LIBRARY.sub("LIBRARY", value)
        for name, value in headers.items()
        if name.startswith("x-test") or (name in ("user-agent", "x-goog-api-client") and "my-" in value)
    }


def _told(op: Any) -> Any:
    if op == "ok":
        return "ok"
    if "error" in op:
        return "refused"
    if "messages" in op:
        end = op["end"]
        return {
            "end": end if isinstance(end, str) else end["error"].get("code", end["error"]["type"]),
            "messages": normal(op["messages"]),
        }
    return normal(op)


def expected(case: Case) -> Outcome:
    """What is right for a case: what both SDKs do, or where they differ what differences.md says.

    Raises:
        LookupError: The two differ, and nothing says who is right.
    """
    for ruling in (*load_rulings("deliberate.yaml"), *load_rulings("reading.yaml")):
        if ruling.covers(case):
            return _by_ruling(case, ruling.right)
    outcomes = [recorded(record) for record in (case.python, case.javascript) if "skipped" not in record]
    if len(outcomes) == 1 or not _differ(case, *outcomes):
        return outcomes[0]
    for ruling in load_rulings("right.yaml"):
        if ruling.covers(case):
            return _by_ruling(case, ruling.right)
    raise LookupError(f"right.yaml does not say who is right about {case}")


def _differ(case: Case, python: Outcome, javascript: Outcome) -> bool:
    """Whether they differ; what was read is told in two ways, and is compared by other tests."""
    names = [difference.partition(":")[0] for difference in python.differences(javascript)]
    reads = any(op["op"] in ("receive", "setup_complete") for op in case.ops)
    return bool(names) and not (reads and names == ["ops"])


def _by_ruling(case: Case, right: Any) -> Outcome:
    if right == "python":
        return recorded(case.python)
    if right == "javascript":
        return recorded(case.javascript)
    if right == "refused" and not case.ops:
        return Outcome(refused=True)
    sent = [record for record in (case.python, case.javascript) if record.get("frames")]
    outcome = recorded(sent[0]) if sent else Outcome()
    if right == "refused":
        outcome.frames = outcome.frames[: len(outcome.frames) - outcome.ops.count("ok")]
        outcome.ops = ["refused" for _ in case.ops]
        return outcome
    for name, value in right.items():
        match name:
            case "setup":
                setup = {**outcome.frames[0]["setup"], **value}
                outcome.frames[0] = {"setup": {key: item for key, item in setup.items() if item is not None}}
            case "sent":
                outcome.frames[1:] = value
            case _:
                setattr(outcome, name, value)
    return outcome
