"""Makes the call of a case with our library."""

from __future__ import annotations

import base64
import datetime as dt
import enum
import inspect
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import attrs

from genai_live import Client, Session, Transport, WebSocketClientFactory
from genai_live.errors import APIError, ConfigurationError, ConnectionClosed, LiveError
from genai_live.types import Model
from tests.timing import SOON, scaled
from tests.vectors.cases import Case, client_arguments, untagged
from tests.vectors.normal_form import normal
from tests.vectors.outcome import REFUSALS, Outcome, observed
from tests.vectors.recorder import Recorder

_LOOPBACK = "127.0.0.1"


class RedirectingFactory:
    """Connects to the recorder what is meant for Google's own hosts."""

    def __init__(self, recorder: Recorder) -> None:
        self._connect = WebSocketClientFactory(recorder.client_context)
        self._address = recorder.addresses["$WSSURL"]
        self.url = ""

    def __call__(self, url: str, headers: Mapping[str, str], *, timeout: float | None) -> Transport:
        """See WebSocketFactory."""
        self.url = url
        parts = urlsplit(url)
        if parts.hostname != _LOOPBACK:
            url = self._address + url.partition(parts.netloc)[2]
        return self._connect(url, headers, timeout=timeout)


def run(case: Case, recorder: Recorder) -> Outcome:
    """Makes the call of a case."""
    recorder.begin(case.server)
    factory = RedirectingFactory(recorder)
    ops: list[Any] = []
    error: Exception | None = None
    try:
        arguments = client_arguments(case, recorder.addresses)
        with Client(**arguments, ssl_context=recorder.client_context, websocket_factory=factory) as client:
            _call(client, case, recorder, ops)
    except LiveError as raised:
        error = raised
    return observed(error, factory.url, recorder.finish(), ops)


def _call(client: Client, case: Case, recorder: Recorder, ops: list[Any]) -> None:
    config = untagged(case.config, recorder.addresses)
    if case.kind == "tokens":
        # A server's error is tried again, which would take seconds.
        client.auth_tokens.create(config=config, timeout=scaled(0.3) if "http" in case.server else SOON)
        return
    with _session(client, case, config) as session:
        for op in case.ops:
            try:
                arguments = untagged(op["args"], recorder.addresses)
            except ConfigurationError:  # an object of ours that cannot be made
                ops.append("refused")
            else:
                ops.append(_operate(session, op["op"], arguments))


@contextmanager
def _session(client: Client, case: Case, config: Any) -> Iterator[Any]:
    if case.kind == "music":
        with client.live.music.connect(model=case.model, timeout=SOON) as session:
            yield session
    else:
        # google-genai does not reconnect, and asks for no handles by itself.
        with client.live.connect(model=case.model, config=config, timeout=SOON, reconnect=False) as session:
            yield session


def _operate(session: Session, op: str, arguments: dict[str, Any]) -> Any:
    if op == "receive":
        return _receive(session, **arguments)
    if op == "setup_complete":
        return normal({"sessionId": session.session_id, "setupComplete": known(session.setup_complete)})
    if op == "send":
        op, arguments = _instead_of_send(**arguments)
    try:
        method = getattr(session, op)
        inspect.signature(method).bind(**arguments)
    except TypeError:
        return "refused"
    try:
        method(**arguments)
    except (ConnectionClosed, *REFUSALS):
        return "refused"
    return "ok"


def _receive(session: Session, limit: int | None = None) -> dict[str, Any]:
    messages: list[Any] = []
    end: Any = "ended"
    try:
        for message in session.receive(timeout=SOON):
            messages.append(known(message))
            if len(messages) == limit:
                end = "limit"
                break
    except (APIError, ConnectionClosed) as error:
        end = error.code
    except LiveError as error:
        end = type(error).__name__
    return {"end": end, "messages": messages}


def _instead_of_send(input: Any = None, end_of_turn: bool = False) -> tuple[str, dict[str, Any]]:  # noqa: A002, PLR0911
    """The method that google-genai names in place of its deprecated ``send``."""
    given = attrs.asdict(input, recurse=False) if isinstance(input, Model) else input
    if given is None:
        return "send_client_content", {}
    if not isinstance(given, dict):
        return "send_client_content", {"turns": given, "turn_complete": end_of_turn}
    if "mime_type" in given:
        return "send_realtime_input", {"media": input}
    if "media_chunks" in given:
        return "send_realtime_input", {"media": given["media_chunks"][0]}
    if "function_responses" in given:
        return "send_tool_response", {"function_responses": given["function_responses"]}
    if "turns" in given:
        return "send_client_content", {name: given[name] for name in ("turns", "turn_complete")}
    return "send_tool_response", {"function_responses": input}


def known(value: Any) -> Any:
    """What is known of a message, in the normal form, by our names of the fields."""
    if isinstance(value, Model):
        return normal(
            {
                field.name: known(item)
                for field in attrs.fields(type(value))
                if field.name != "unknown_fields" and (item := getattr(value, field.name)) is not None
            }
        )
    if isinstance(value, list):
        return [known(item) for item in value]
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, dt.timedelta):
        return f"{value.total_seconds():g}s"
    return value
