"""Credentials of google-auth: refreshed in time, bounded, and mapped to our errors."""

import threading
import time

import google.auth.credentials
import google.auth.exceptions
import pytest

from genai_live import AuthenticationError, Client, ConnectionClosed, LiveTimeout
from genai_live.emulator import Emulator
from genai_live.waiting import SHARED_CALLS
from tests.service import MODEL
from tests.timing import SOON, eventually, scaled


class Credentials(google.auth.credentials.Credentials):
    """Credentials whose refresh does what a test says."""

    def __init__(self, refresh=None):
        super().__init__()
        self.refreshes = 0
        self._refresh = refresh

    def refresh(self, request):
        self.refreshes += 1
        if self._refresh is not None:
            self._refresh()
        self.token = "a-token"


def _client(emulator, credentials):
    return Client(
        vertexai=True,
        project="p",
        location="us-central1",
        credentials=credentials,
        http_options={"base_url": emulator.url},
    )


def test_a_token_is_fetched_once_and_sent():
    """Vertex AI gets an Authorization header, and audio is asked for by default."""
    credentials = Credentials()
    with Emulator(time_scale=0) as emulator, _client(emulator, credentials) as client:
        for _ in range(2):
            with client.live.connect(model=MODEL, reconnect=False) as session:
                assert session.session_id
        connection = emulator.connections[0]
    assert credentials.refreshes == 1
    assert connection.headers["authorization"] == "Bearer a-token"
    assert connection.received[0]["setup"] == {
        "model": f"projects/p/locations/us-central1/publishers/google/models/{MODEL}",
        "generationConfig": {"responseModalities": ["AUDIO"]},
    }


def test_credentials_that_cannot_be_had_are_an_authentication_error():
    """google-auth's exception is the cause, not the face."""

    def fail():
        raise google.auth.exceptions.RefreshError("no such account")

    with Emulator(time_scale=0) as emulator, _client(emulator, Credentials(fail)) as client:
        with pytest.raises(AuthenticationError, match="no such account"):
            client.live.connect(model=MODEL)


def test_a_stalled_token_endpoint_keeps_the_deadline_and_is_asked_once():
    """Two connects wait for one refresh, each for its own time."""
    release, credentials = threading.Event(), None

    def stall():
        release.wait(SOON)

    credentials = Credentials(stall)
    with Emulator(time_scale=0) as emulator, _client(emulator, credentials) as client:
        for _ in range(2):
            begun = time.monotonic()
            with pytest.raises(LiveTimeout, match="credentials"):
                client.live.connect(model=MODEL, timeout=scaled(0.2))
            assert time.monotonic() - begun < SOON / 2
        assert credentials.refreshes == 1
        release.set()


def test_closing_the_client_interrupts_a_refresh():
    """A connect that waits for credentials is raised out of it."""
    stalled, release = threading.Event(), threading.Event()

    def stall():
        stalled.set()
        release.wait(SOON)

    with Emulator(time_scale=0) as emulator:
        client = _client(emulator, Credentials(stall))
        outcome = []

        def connect():
            try:
                client.live.connect(model=MODEL, timeout=None)
            except ConnectionClosed as error:
                outcome.append(error)

        thread = threading.Thread(target=connect)
        thread.start()
        assert stalled.wait(SOON)
        client.close()
        thread.join(SOON)
        assert len(outcome) == 1
        release.set()


def test_sessions_that_share_a_refresh_keep_their_own_headers():
    """One token for both; what each session's config adds reaches its own connection only."""
    release = threading.Event()
    credentials = Credentials(lambda: release.wait(SOON))
    with Emulator(time_scale=0) as emulator, _client(emulator, credentials) as client:

        def connect(name):
            client.live.connect(model=MODEL, config={"http_options": {"headers": {"x-name": name}}}).close()

        threads = [threading.Thread(target=connect, args=(name,)) for name in ("one", "two")]
        for thread in threads:
            thread.start()
        eventually(lambda: [len(call.waiters) for call in SHARED_CALLS._running.values()] == [2])
        release.set()
        for thread in threads:
            thread.join(SOON)
        headers = [connection.headers for connection in emulator.connections]
    assert sorted(item["x-name"] for item in headers) == ["one", "two"]
    assert {item["authorization"] for item in headers} == {"Bearer a-token"}
    assert credentials.refreshes == 1
