"""``client.live.music``: what is sent, what is read, and how it ends."""

import gc
import itertools
import math
import threading

import pytest

from genai_live import (
    AuthenticationError,
    Client,
    ConfigurationError,
    ConnectionClosedError,
    ConnectionClosedOK,
    LiveCallbacks,
    LiveMusicCallbacks,
    LiveTimeout,
    ModeError,
    MusicSession,
    ProtocolError,
    State,
    StateError,
    types,
)
from genai_live.emulator import Emulator
from tests.raw_server import close_frame
from tests.service import accept_setup, answer_close, message, service
from tests.timing import SOON

MODEL = "lyria-realtime-exp"
PATH = "/ws/google.ai.generativelanguage.v1.GenerativeService.BidiGenerateMusic"
CHUNK = {
    "data": "+/8=",
    "mimeType": "audio/l16;rate=48000;channels=2",
    "sourceMetadata": {
        "clientContent": {"weightedPrompts": [{"text": "techno", "weight": 1.0}]},
        "musicGenerationConfig": {"bpm": 120},
    },
}


@pytest.fixture
def emulator():
    """An emulator with one good key."""
    with Emulator(time_scale=0, api_keys=["good"]) as emulator:
        yield emulator


@pytest.fixture
def client(emulator):
    """A client of it."""
    with Client(api_key="good", http_options={"base_url": emulator.url}) as client:
        yield client


@pytest.fixture
def session(client):
    """A session of it."""
    with client.live.music.connect(model=MODEL, timeout=SOON) as session:
        yield session


def sent(emulator, count):
    """The messages after the setup, once there are so many."""
    (connection,) = emulator.connections
    return emulator.wait_until(
        lambda: list(connection.received[1:]) if len(connection.received) > count else None, SOON
    )


def playing(handle):
    """A client of a server that runs ``handle`` after the setup."""

    def conversation(peer):
        accept_setup(peer)
        handle(peer)

    return service(conversation)


# -- sending -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("prompts", "wire"),
    [
        ("techno", [{"text": "techno", "weight": 1}]),
        (["techno", "piano"], [{"text": "techno", "weight": 1}, {"text": "piano", "weight": 1}]),
        (types.WeightedPrompt(text="techno", weight=0.5), [{"text": "techno", "weight": 0.5}]),
        ({"text": "techno", "weight": -2}, [{"text": "techno", "weight": -2}]),
        ([{"text": "techno"}], [{"text": "techno"}]),
        (
            ("techno", types.WeightedPrompt(text="piano", weight=0)),
            [{"text": "techno", "weight": 1}, {"text": "piano", "weight": 0}],
        ),
    ],
)
def test_prompts(emulator, session, prompts, wire):
    """A text has the weight 1; what is given as a class or dict is sent as it is."""
    session.set_weighted_prompts(prompts=prompts)
    assert sent(emulator, 1)[0] == {"clientContent": {"weightedPrompts": wire}}


@pytest.mark.parametrize(
    ("config", "wire"),
    [
        (types.LiveMusicGenerationConfig(bpm=120, top_k=40), {"bpm": 120, "topK": 40}),
        (
            {
                "music_generation_mode": "quality",
                "onlyBassAndDrums": False,
                "scale": types.Scale.D_MAJOR_B_MINOR,
            },
            {"musicGenerationMode": "QUALITY", "onlyBassAndDrums": False, "scale": "D_MAJOR_B_MINOR"},
        ),
        (
            {"density": 0, "brightness": 1.0, "muteBass": True},
            {"density": 0, "brightness": 1, "muteBass": True},
        ),
        ({}, {}),
        (None, {}),
    ],
)
def test_settings(emulator, session, config, wire):
    """An instance or a dict; None is what the service does by itself, and goes out as an empty object."""
    session.set_music_generation_config(config=config)
    assert sent(emulator, 1)[0] == {"musicGenerationConfig": wire}


def test_control(emulator, session):
    """Each method sends its control."""
    session.set_weighted_prompts("techno")
    session.play()
    session.pause()
    session.reset_context()
    session.stop()
    assert sent(emulator, 5)[1:] == [
        {"playbackControl": control} for control in ("PLAY", "PAUSE", "RESET_CONTEXT", "STOP")
    ]


def test_a_newer_message_can_be_sent(emulator, session):
    """``send_raw`` sends a dict as it is."""
    session.send_raw({"playbackControl": "PAUSE"})
    assert sent(emulator, 1)[0] == {"playbackControl": "PAUSE"}


@pytest.mark.parametrize(
    ("call", "where"),
    [
        (lambda session: session.set_weighted_prompts([]), "prompts: expected at least one prompt"),
        (lambda session: session.set_weighted_prompts(None), "prompts: "),
        (lambda session: session.set_weighted_prompts([7]), "prompts[0]: "),
        (lambda session: session.set_weighted_prompts({"txt": "x"}), "did you mean 'text'?"),
        (lambda session: session.set_weighted_prompts({"text": "x", "weight": math.nan}), "weight"),
        (lambda session: session.set_music_generation_config({"tempo": 3}), "config.tempo: unknown field"),
        (lambda session: session.set_music_generation_config({"bpm": "fast"}), "config.bpm: "),
        (lambda session: session.set_music_generation_config(120), "config: "),
        (lambda session: session.play(timeout=-1), "timeout"),
        (lambda session: session.send_raw({"x": math.inf}), "x"),
    ],
)
def test_what_cannot_be_used_is_not_sent(emulator, session, call, where):
    """A wrong argument raises at the call, says where, and the session goes on."""
    with pytest.raises(ConfigurationError) as raised:
        call(session)
    assert where in str(raised.value)
    session.stop()
    assert sent(emulator, 1) == [{"playbackControl": "STOP"}]


# -- connecting --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", [MODEL, f"models/{MODEL}"])
def test_the_setup(emulator, client, model):
    """The method of music at the client's version, the key in a header, and nothing but the model."""
    with client.live.music.connect(model=model, timeout=SOON) as session:
        assert isinstance(session, MusicSession)
        assert session.state is State.OPEN
        assert session.setup_complete == types.LiveMusicServerSetupComplete()
        assert repr(session) == "<MusicSession open>"
    (connection,) = emulator.connections
    assert connection.path == PATH
    assert connection.headers["x-goog-api-key"] == "good"
    assert connection.received == ({"setup": {"model": "models/lyria-realtime-exp"}},)


@pytest.mark.parametrize(
    "arguments", [{"api_key": "a-key"}, {"project": "a-project", "location": "us-central1"}]
)
def test_vertex_has_no_music(arguments):
    """Refused at the call, which says who has it; nothing is connected to."""

    def connect(*_, **__):
        raise AssertionError("it connects")

    with (
        Client(vertexai=True, **arguments, websocket_factory=connect) as client,
        pytest.raises(ConfigurationError, match="Gemini API"),
    ):
        client.live.music.connect(model=MODEL)


@pytest.mark.parametrize(
    ("arguments", "where"),
    [
        ({"model": ""}, "model"),
        ({"model": 7}, "model"),
        ({"model": MODEL, "callbacks": {"on_message": print}}, "callbacks: expected LiveMusicCallbacks"),
        ({"model": MODEL, "timeout": -1}, "timeout"),
    ],
)
def test_wrong_arguments_are_refused(emulator, client, arguments, where):
    """Before anything is connected to."""
    with pytest.raises(ConfigurationError, match=where):
        client.live.music.connect(**arguments)
    assert emulator.connections == ()


def test_an_unknown_model_is_refused(client):
    """The service's reason is told."""
    with pytest.raises(ConnectionClosedError, match="is not found") as raised:
        client.live.music.connect(model="gemini-3.8-live", timeout=SOON)
    assert (raised.value.code, raised.value.phase) == (1008, "setting up")


def test_a_wrong_key_is_refused(emulator):
    """As an error of authentication, without the key."""
    with (
        Client(api_key="a-wrong-key", http_options={"base_url": emulator.url}) as client,
        pytest.raises(AuthenticationError) as raised,
    ):
        client.live.music.connect(model=MODEL, timeout=SOON)
    assert "a-wrong-key" not in str(raised.value)


# -- receiving ---------------------------------------------------------------------------------------------


def test_messages_are_read():
    """Chunks with what made them, filtered prompts, warnings, and what is not known yet; then the end."""

    def handle(peer):
        peer.send(message({"serverContent": {"audioChunks": [CHUNK]}}))
        peer.send(message({"filteredPrompt": {"filteredReason": "y", "text": "x"}}))
        peer.send(message({"warning": "careful"}))
        peer.send(message({"future": {"a": 1}}))
        peer.send(message({"serverContent": {"audioChunks": []}}))
        peer.send(close_frame(1011, "Internal"))

    with playing(handle) as client, client.live.music.connect(model=MODEL, timeout=SOON) as session:
        reader = session.receive(timeout=SOON)
        chunks, filtered, warning, future, empty = (next(reader) for _ in range(5))
        with pytest.raises(ConnectionClosedError) as raised:
            next(reader)
    (chunk,) = chunks.server_content.audio_chunks
    assert chunk.data == b"\xfb\xff"
    assert chunk.mime_type == "audio/l16;rate=48000;channels=2"
    assert chunk.source_metadata.client_content.weighted_prompts[0].text == "techno"
    assert chunk.source_metadata.music_generation_config.bpm == 120
    assert filtered.filtered_prompt == types.LiveMusicFilteredPrompt(text="x", filtered_reason="y")
    assert warning.warning == "careful"
    assert future.unknown_fields == {"future": {"a": 1}}
    assert empty.server_content.audio_chunks == []
    assert (raised.value.code, raised.value.reason) == (1011, "Internal")
    assert (session.close_code, session.close_reason) == (1011, "Internal")


def test_music_is_played_until_it_is_stopped(emulator, session):
    """Chunks come one after another; with STOP they end, and what was on its way is still read."""
    session.set_weighted_prompts("techno")
    session.set_music_generation_config({"bpm": 90})
    session.play()
    reader = session.receive(timeout=SOON)
    for _ in range(3):
        (chunk,) = next(reader).server_content.audio_chunks
        assert len(chunk.data) == 2 * 48_000 * 4
        assert chunk.source_metadata.music_generation_config == types.LiveMusicGenerationConfig(bpm=90)
    session.stop()
    session.set_weighted_prompts("[filtered]")
    assert any(message.filtered_prompt for message in itertools.islice(reader, 20))
    with pytest.raises(LiveTimeout):
        next(session.receive(timeout=0.5))


def test_an_end_in_order():
    """``messages`` and a loop over the session end quietly, ``receive`` tells."""

    def handle(peer):
        peer.send(message({"warning": "careful"}) + close_frame(1000, "bye"))

    for read in (lambda session: session.messages(SOON), iter):
        with playing(handle) as client, client.live.music.connect(model=MODEL, timeout=SOON) as session:
            assert [item.warning for item in read(session)] == ["careful"]
            with pytest.raises(ConnectionClosedOK):
                next(session.receive(timeout=SOON))
            with pytest.raises(ConnectionClosedOK):
                session.play()


@pytest.mark.parametrize("answer", [{}, {"serverContent": {}}, {"warning": "first"}])
def test_what_comes_before_the_setup_is_complete(answer):
    """Only setupComplete may come first."""

    def handle(peer):
        peer.upgrade()
        peer.read_frame()
        peer.send(message(answer))
        answer_close(peer)

    with service(handle) as client, pytest.raises(ProtocolError, match="setupComplete"):
        client.live.music.connect(model=MODEL, timeout=SOON)


# -- callbacks ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [LiveMusicCallbacks, LiveCallbacks])
def test_callbacks(kind):
    """In order, with the session; then nobody can read it as well."""
    calls = []
    closed = threading.Event()

    def on_close(session, code, reason):
        calls.append((session, "close", code, reason))
        closed.set()

    callbacks = kind(
        on_open=lambda session: calls.append((session, "open")),
        on_message=lambda session, item: calls.append((session, item.warning)),
        on_error=lambda session, error: calls.append((session, type(error))),
        on_close=on_close,
    )

    def handle(peer):
        peer.send(message({"warning": "careful"}) + close_frame(1011, "oops"))

    with (
        playing(handle) as client,
        client.live.music.connect(model=MODEL, callbacks=callbacks, timeout=SOON) as session,
    ):
        assert closed.wait(SOON)
        for read in (session.receive, session.messages, session.__iter__):
            with pytest.raises(ModeError):
                read()
    assert calls == [
        (session, "open"),
        (session, "careful"),
        (session, ConnectionClosedError),
        (session, "close", 1011, "oops"),
    ]


# -- ending ------------------------------------------------------------------------------------------------


def test_close_ends_it(emulator, client):
    """With code 1000, again and again; nothing can be sent after."""
    session = client.live.music.connect(model=MODEL, timeout=SOON)
    session.close(reason="enough")
    session.close()
    assert (session.state, session.conn) == (State.CLOSED, None)
    assert (session.close_code, session.close_reason) == (1000, "enough")
    (connection,) = emulator.connections
    emulator.wait_until(lambda: (connection.close_code, connection.close_reason) == (1000, "enough"), SOON)
    with pytest.raises(ConnectionClosedOK):
        session.set_weighted_prompts("techno")


def test_the_client_ends_its_music(client):
    """``Client.close`` ends sessions of music like any others."""
    session = client.live.music.connect(model=MODEL, timeout=SOON)
    client.close()
    assert session.state is State.CLOSED
    with pytest.raises(StateError):
        client.live.music.connect(model=MODEL)


def test_a_dropped_session_is_closed_and_warned_of(emulator, client):
    """Nothing holds it, so its end can be noticed."""
    session = client.live.music.connect(model=MODEL, timeout=SOON)
    with pytest.warns(ResourceWarning, match="MusicSession open"):
        del session
        gc.collect()
    (connection,) = emulator.connections
    emulator.wait_until(lambda: connection.close_code == 1000, SOON)


def test_what_was_done_is_counted(session):
    """The counters are those of any session."""
    session.set_weighted_prompts("techno")
    session.play()
    next(session.receive(timeout=SOON))
    assert session.stats.messages_sent == 3
    assert session.stats.bytes_received > 2 * 48_000 * 4
