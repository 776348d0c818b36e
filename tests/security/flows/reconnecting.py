"""Sessions that go on, on another connection, and those that try in vain."""

import threading

from genai_live import ConnectionClosed, LiveCallbacks, ReconnectPolicy
from tests.raw_server import Peer, close_frame
from tests.security.flows.conversation import NEW, RESUMING
from tests.security.stage import API_KEY, HEADER, NEW_HANDLE, Stage
from tests.service import MODEL, TURN_COMPLETE, accept_setup, answer_close, message, read_message, text
from tests.timing import SOON

QUICK = ReconnectPolicy(attempts=3, first_pause=0.01, longest_pause=0.01)


def a_session_that_reconnects(stage: Stage) -> None:
    """The handle goes to the server again, and nowhere else; callbacks and statistics are looked at."""
    setups = []

    def handle(peer: Peer) -> None:
        setups.append(accept_setup(peer)["setup"]["sessionResumption"])
        peer.send(message(NEW))
        read_message(peer)
        if len(setups) == 1:
            peer.send(text("half"))
            peer.sock.close()
        else:
            peer.send(text("whole") + TURN_COMPLETE)
            answer_close(peer)

    see, back = stage.watch.see, threading.Event()
    callbacks = LiveCallbacks(
        on_reconnecting=see, on_reconnected=lambda *told: (see(*told), back.set()), on_error=see
    )
    with stage.serving(handle) as url, stage.client(url) as client:
        session = client.live.connect(
            model=MODEL, config=RESUMING, timeout=SOON, reconnect=QUICK, callbacks=callbacks
        )
        stage.fails(lambda: session.ask("Hi", timeout=SOON))
        assert back.wait(SOON)
        see(session, session.stats, QUICK, callbacks)
        session.ask("Hi", timeout=SOON)
        session.close(timeout=SOON)
    assert setups[1]["handle"] == NEW_HANDLE
    stage.reached(API_KEY, HEADER)


def a_session_that_cannot_be_resumed(stage: Stage) -> None:
    """The server takes the handle no more, in words that repeat the key."""
    connections = []

    def handle(peer: Peer) -> None:
        connections.append(peer)
        if len(connections) == 1:
            accept_setup(peer)
            peer.send(message(NEW))
            read_message(peer)
            peer.sock.close()
            return
        peer.upgrade()
        read_message(peer)
        peer.send(close_frame(1008, f"Requested entity was not found. {API_KEY}"))
        answer_close(peer)

    with stage.serving(handle) as url, stage.client(url) as client:
        session = client.live.connect(model=MODEL, config=RESUMING, timeout=SOON, reconnect=QUICK)
        ended = stage.fails(lambda: session.ask("Hi", timeout=SOON))
        assert isinstance(ended, ConnectionClosed)
        stage.watch.see(session, ended.in_doubt)
    stage.reached(API_KEY, HEADER)
