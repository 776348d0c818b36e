"""The log shows what went over the wire, without media and handles."""

import base64
import json
import logging

from genai_live.runtime.frame_log import log_frame


def test_media_are_shortened_and_handles_left_out(caplog):
    """A line is readable, and holds nothing with which a session could be resumed."""
    audio = base64.b64encode(bytes(3000)).decode()
    message = {
        "serverContent": {"modelTurn": {"parts": [{"inlineData": {"data": audio}}]}},
        "sessionResumptionUpdate": {"newHandle": "a-handle", "resumable": True},
        "setup": {"sessionResumption": {"handle": "b-handle"}},
    }
    with caplog.at_level(logging.DEBUG, logger="genai_live"):
        log_frame("<", json.dumps(message, indent=2).encode())
    (line,) = caplog.messages
    assert line.startswith('< { "serverContent"')
    assert len(line) < 400
    assert "a-handle" not in line
    assert "b-handle" not in line
    assert '"resumable": true' in line


def test_nothing_is_done_when_nobody_listens(caplog):
    """At other levels a frame leaves no line."""
    with caplog.at_level(logging.INFO, logger="genai_live"):
        log_frame(">", b"{}")
    assert caplog.messages == []
