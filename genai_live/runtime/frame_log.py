"""What went over the wire, for the log, at debug level. Runs in the thread that sent or received it."""

from __future__ import annotations

import logging
import re

from genai_live.redaction import without_message_secrets

LOGGER = logging.getLogger("genai_live")

_LONG_STRING = re.compile(r'"([^"\\]{40})[^"\\]{160,}"')
_MOST_CHARACTERS = 2000


def log_frame(direction: str, payload: bytes | str) -> None:
    """Logs a message with its media shortened; resumption handles and credentials of tools are left out.

    Args:
        direction: ``>`` for what we sent, ``<`` for what came.
        payload: The JSON text.
    """
    if LOGGER.isEnabledFor(logging.DEBUG):
        text = payload.decode(errors="replace") if isinstance(payload, bytes) else payload
        text = without_message_secrets(" ".join(text.split()))
        text = _LONG_STRING.sub(r'"\1…"', text)
        LOGGER.debug("%s %s", direction, text[:_MOST_CHARACTERS])
