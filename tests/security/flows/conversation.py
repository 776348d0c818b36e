"""What several flows have in common: a whole conversation, and one that does not come about."""

import urllib.parse
from typing import Any

from genai_live import ConnectionClosed, LiveError
from tests.raw_server import Peer
from tests.security.stage import NEW_HANDLE, OLD_HANDLE, QUERY, Stage
from tests.service import MODEL, TURN_COMPLETE, accept_setup, answer_close, message, read_message, text
from tests.timing import SOON

RESUMING = {"session_resumption": {"handle": OLD_HANDLE}}
IN_PROJECT = {"api_key": None, "vertexai": True, "project": "p", "location": "us-central1"}
IN_QUERY = f"/gateway?key={urllib.parse.quote(QUERY, safe='')}"
NEW = {"sessionResumptionUpdate": {"newHandle": NEW_HANDLE, "resumable": True}}


def converse(peer: Peer) -> None:
    """The server's part: one turn, with a handle in it."""
    accept_setup(peer)
    read_message(peer)
    peer.send(message(NEW) + text("Hello") + TURN_COMPLETE)
    answer_close(peer)


def talk(stage: Stage, url: str, **arguments: Any) -> None:
    """The client's part, from the connection to the use of a session that has ended."""
    with stage.client(url, **arguments) as client:
        with client.live.connect(model=MODEL, config=RESUMING, timeout=SOON) as session:
            turn = session.ask("Hi", timeout=SOON)
            stage.watch.see(session, session.conn, session.stats, session.setup_complete, turn, turn.messages)
            assert session.resumption_handle == NEW_HANDLE
        ended = stage.fails(lambda: session.ask("And now?", timeout=SOON))
    assert isinstance(ended, ConnectionClosed)
    assert ended.resumption_handle == NEW_HANDLE


def refused(stage: Stage, url: str, **arguments: Any) -> LiveError:
    """What a connection raises that does not come about."""
    with stage.client(url, **arguments) as client:
        return stage.fails(lambda: client.live.connect(model=MODEL, config=RESUMING, timeout=SOON))
