"""Everything that a program prints and logs while a test runs, and whether a secret is in it."""

import base64
import contextlib
import http.client
import json
import logging
import traceback
import urllib.parse
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import websocket

import genai_live

LOGGERS = ("genai_live", "websocket", "urllib3", "requests", "google", "google.auth", "asyncio", "aiohttp")
_PACKAGE = str(Path(genai_live.__file__).parent)
_PIECE = 10
"""So many characters of a secret in a row are a leak."""


class Watch:
    """Collects texts.

    Attributes:
        texts: What was logged, shown as a warning, or given to ``see``.
        variables: The local variables of the library's frames, as tools show them that report errors.
    """

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.variables: list[str] = []

    def see(self, *objects: object) -> None:
        """Takes what a program would print of an object, or of an exception and its causes."""
        for item in objects:
            self.texts += [repr(item), str(item)]
            if isinstance(item, BaseException):
                self.texts += traceback.format_exception(item)
                self._see_variables(traceback.TracebackException.from_exception(item, capture_locals=True))

    def _see_variables(self, shown: traceback.TracebackException | None) -> None:
        while shown is not None:
            for frame in shown.stack:
                if frame.filename.startswith(_PACKAGE):
                    place = f"{Path(frame.filename).relative_to(_PACKAGE)}:{frame.lineno}"
                    self.variables += [
                        f"{place} {name} = {text}" for name, text in (frame.locals or {}).items()
                    ]
            shown = shown.__cause__ or (None if shown.__suppress_context__ else shown.__context__)


class _Collector(logging.Handler):
    def __init__(self, texts: list[str]) -> None:
        super().__init__()
        self._texts = texts
        self.setFormatter(logging.Formatter("%(name)s %(threadName)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self._texts.append(self.format(record))
        self._texts.append(repr(record.args))


@contextlib.contextmanager
def watching(monkeypatch: pytest.MonkeyPatch) -> Iterator[Watch]:
    """Has everything logged at debug level, the traces of the libraries underneath included."""
    watch = Watch()
    collector = _Collector(watch.texts)
    root = logging.getLogger()
    loggers = [root, *map(logging.getLogger, LOGGERS)]
    before = [(logger, logger.level, logger.propagate, logger.handlers[:]) for logger in loggers]
    root.addHandler(collector)
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
        logger.propagate = True
    websocket.enableTrace(True, handler=collector)
    monkeypatch.setattr(http.client.HTTPConnection, "debuglevel", 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            monkeypatch.setattr(warnings, "showwarning", _collect_warnings(watch.texts))
            yield watch
    finally:
        websocket.enableTrace(False)
        for logger, level, propagate, handlers in before:
            logger.setLevel(level)
            logger.propagate = propagate
            logger.handlers[:] = handlers


def _collect_warnings(texts: list[str]) -> Any:
    def show(*arguments: Any, **options: Any) -> None:
        texts.append(warnings.formatwarning(*arguments[:4]))

    return show


def leaks(secret: str, text: str) -> list[str]:
    """Where a secret or a piece of it is in a text: as it is, quoted for URLs or JSON, in base64 or hex."""
    canary = secret.removeprefix("auth_tokens/")  # which is no secret
    found = {text.find(piece) for form in _forms(canary) for piece in _pieces(form)} - {-1}
    return [text[max(0, place - 200) : place + 50] for place in sorted(found)]


def _forms(secret: str) -> Iterator[str]:
    yield secret
    yield secret.lower()  # as a host's name
    yield urllib.parse.quote(secret, safe="")
    yield json.dumps(secret)[1:-1].replace("/", "\\/")
    data = secret.encode()
    yield data.hex()
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        for shift in range(3):  # it may stand behind something, such as a user's name
            whole = encode(b"\0" * shift + data).decode().rstrip("=")
            yield whole[(shift * 8 + 5) // 6 : len(whole) - 1]


def _pieces(form: str) -> Iterator[str]:
    for start in range(len(form) - _PIECE + 1):
        yield form[start : start + _PIECE]
