"""Hundreds of sessions of one client, opened and ended in every way: nothing grows."""

import gc
import os
import socket
import threading
import tracemalloc
import warnings
from collections import Counter

import pytest

from genai_live import Client, ConnectionClosed, LiveCallbacks
from tests.certificates import client_context, server_context
from tests.raw_server import RawServer
from tests.service import (
    KEY,
    MODEL,
    QUICK,
    TURN_COMPLETE,
    accept_setup,
    handle_given,
    question,
    read_message,
    text,
)
from tests.timing import SOON, eventually

GROWTH = 200 * 1024
"""Bytes that may come to what two hundred sessions leave behind: a kilobyte each would be noticed."""


def serve(peer):
    """Answers each question with Yes, but "drop" with the end of the connection."""
    peer.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    accept_setup(peer)
    peer.send(handle_given("handle"))
    while question(read_message(peer)) != "drop":
        peer.send(text("Yes.") + TURN_COMPLETE)


def pull(client):
    """A conversation of one turn, closed in order."""
    with client.live.connect(model=MODEL, timeout=SOON) as session:
        assert session.ask("Is it?", timeout=SOON).text == "Yes."


def push(client):
    """The same, by callbacks that hold their session."""
    complete, sessions = threading.Event(), []

    def on_message(session, message):
        sessions.append(session)
        if message.server_content and message.server_content.turn_complete:
            complete.set()

    callbacks = LiveCallbacks(on_message=on_message, on_close=lambda *arguments: complete.is_set())
    with client.live.connect(model=MODEL, timeout=SOON, callbacks=callbacks) as session:
        session.send_client_content(turns="Is it?")
        assert complete.wait(SOON)


def reconnect(client):
    """A connection that ends, and another one that takes its place."""
    with client.live.connect(model=MODEL, timeout=SOON, reconnect=QUICK) as session:
        session.send_realtime_input(text="drop")
        eventually(lambda: session.stats.reconnections == 1)


def abort(client):
    """A connection that ends, and its session with it."""
    session = client.live.connect(model=MODEL, timeout=SOON, reconnect=False)
    with pytest.raises(ConnectionClosed):
        session.ask("drop", timeout=SOON)


def forget(client):
    """A session that nobody closes."""
    session = client.live.connect(model=MODEL, timeout=SOON)
    assert session.ask("Is it?", timeout=SOON).text == "Yes."


WAYS = (pull, push, reconnect, abort, forget)


def alive():
    """How many objects of the library there are, of each kind."""
    gc.collect()
    kinds = (type(each) for each in gc.get_objects())
    return Counter(kind.__qualname__ for kind in kinds if str(kind.__module__).startswith("genai_live."))


def held_bytes():
    """What was allocated by the library, or by what it called, and not freed."""
    gc.collect()
    ours = tracemalloc.Filter(True, "*/genai_live/*", all_frames=True)
    return sum(trace.size for trace in tracemalloc.take_snapshot().filter_traces([ours]).traces)


def test_three_hundred_sessions_leave_nothing():
    """After three hundred, a client has no thread, descriptor, object or memory more than after a hundred."""

    def one_round():
        for way in WAYS:
            way(client)

    def resting():
        readers = [thread for thread in threading.enumerate() if thread.name.startswith("genai-live reader")]
        return not readers and len(os.listdir("/proc/self/fd")) <= descriptors

    with RawServer(serve, tls=server_context()) as server:
        url = server.url.replace("ws", "http", 1)
        with (
            Client(api_key=KEY, http_options={"base_url": url}, ssl_context=client_context()) as client,
            warnings.catch_warnings(),
        ):
            warnings.simplefilter("ignore", ResourceWarning)  # of the sessions that nobody closes
            descriptors = len(os.listdir("/proc/self/fd"))
            tracemalloc.start(4)
            try:
                for _ in range(100 // len(WAYS)):
                    one_round()
                eventually(resting)
                objects, size = alive(), held_bytes()
                for _ in range(200 // len(WAYS)):
                    one_round()
                eventually(resting)
                eventually(lambda: not alive() - objects)
                assert held_bytes() - size < GROWTH
            finally:
                tracemalloc.stop()
