"""What went over the wire, for the log, at debug level. Runs in the thread that sent or received it."""

from __future__ import annotations

import logging
import re

LOGGER = logging.getLogger("genai_live")

_LONG_STRING = re.compile(r'"([^"\\]{40})[^"\\]{160,}"')
_HANDLE = re.compile(r'("(?:newHandle|handle)":\s*")[^"]*(")')
_MOST_CHARACTERS = 2000


def log_frame(direction: str, payload: bytes | str) -> None:
    """Logs a message with its media shortened and its resumption handle left out.

    Args:
        direction: ``>`` for what we sent, ``<`` for what came.
        payload: The JSON text.
    """
    if LOGGER.isEnabledFor(logging.DEBUG):
        text = payload.decode(errors="replace") if isinstance(payload, bytes) else payload
        text = _LONG_STRING.sub(r'"\1…"', " ".join(text.split()))
        text = _HANDLE.sub(r"\1…\2", text)
        LOGGER.debug("%s %s", direction, text[:_MOST_CHARACTERS])
