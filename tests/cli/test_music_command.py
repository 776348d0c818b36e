"""``genai-live music``: so many seconds of music, saved to a file."""

import signal
import wave

import pytest

from genai_live.emulator import Emulator
from tests.cli.program import Program, run
from tests.raw_server import RawServer, close_frame
from tests.service import accept_setup, answer_close, message, read_message

SECRET = "AIzaSy-nobody-may-read-this"


@pytest.fixture
def emulator():
    """An emulator with one good key."""
    with Emulator(time_scale=0, api_keys=[SECRET]) as emulator:
        yield emulator


@pytest.fixture
def path(tmp_path):
    """Where the music goes."""
    return tmp_path / "tune.wav"


def frames(path):
    """How many samples of each channel a WAV file has, which must be the music's: 16 bits, stereo, 48 kHz."""
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (2, 2, 48_000)
        return file.getnframes()


def run_with(handle, path, *options):
    """Run the program to its end, with a service that does what a test says after the setup and PLAY."""

    def serve(peer):
        accept_setup(peer)
        while "playbackControl" not in read_message(peer):
            pass
        handle(peer)

    with RawServer(serve) as server:
        url = server.url.replace("ws", "http", 1)
        return run("music", "x", "--save", str(path), "--base-url", url, *options, GOOGLE_API_KEY=SECRET)


def chunk(data="AAAAAA==", mime_type="audio/l16;rate=48000;channels=2"):
    """A message with a piece of music."""
    return message({"serverContent": {"audioChunks": [{"data": data, "mimeType": mime_type}]}})


def test_music_is_saved(path):
    """As much as was asked for, to the sample; nothing is printed."""
    result = run("music", "--emulator", "a", "calm", "piano", "--seconds", "1", "--save", str(path))
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert frames(path) == 48_000


def test_several_pieces_are_joined(emulator, path):
    """More than comes at a time, without a break, and a file that is there is replaced."""
    path.write_text("something else")
    arguments = ("music", "piano", "--base-url", emulator.url)
    assert run(*arguments, "--seconds", "5", "--save", str(path), GEMINI_API_KEY=SECRET).returncode == 0
    assert frames(path) == 5 * 48_000
    other = path.with_name("other.wav")
    assert run(*arguments, "--seconds", "3", "--save", str(other), GEMINI_API_KEY=SECRET).returncode == 0
    with wave.open(str(path)) as long, wave.open(str(other)) as short:
        assert long.readframes(3 * 48_000) == short.readframes(3 * 48_000)


def test_the_prompt_and_the_settings_are_sent(emulator, path):
    """The words are one prompt; only settings that are given are sent."""
    options = ("--bpm", "90", "--density", "0.25", "--brightness", "1", "--seconds", "1")
    arguments = ("music", "a calm", "piano", "--base-url", emulator.url, "--save", str(path))
    assert run(*arguments, *options, GOOGLE_API_KEY=SECRET).returncode == 0
    assert run(*arguments, "--seconds", "1", GOOGLE_API_KEY=SECRET).returncode == 0
    settings = {"bpm": 90, "density": 0.25, "brightness": 1}
    for connection, config in zip(emulator.connections, (settings, {}), strict=True):
        assert connection.path.endswith(".BidiGenerateMusic")
        assert connection.received == (
            {"setup": {"model": "models/lyria-realtime-exp"}},
            {"clientContent": {"weightedPrompts": [{"text": "a calm piano", "weight": 1}]}},
            {"musicGenerationConfig": config},
            {"playbackControl": "PLAY"},
        )


def test_a_terminal_shows_the_progress(emulator, path):
    """The file's name, and how much of it there is."""
    arguments = ("music", "piano", "--seconds", "3", "--save", str(path), "--base-url", emulator.url)
    with Program(*arguments, terminal=True, GOOGLE_API_KEY=SECRET) as program:
        program.expect("tune.wav")
        program.expect("0.0 of 3.0 s")
        program.expect("2.0 of 3.0 s")
        program.expect("3.0 of 3.0 s")
        assert program.end() == 0


def test_ctrl_c_keeps_what_has_come(path):
    """It exits with 130, and the file can be played."""
    arguments = ("music", "piano", "--emulator", "--seconds", "1000", "--save", str(path))
    with Program(*arguments, terminal=True) as program:
        program.expect("2.0 of 1000.0 s")
        program.signal(signal.SIGINT)
        assert program.end() == 130
    assert frames(path) >= 2 * 48_000


def test_what_the_service_remarks_is_told(emulator, path):
    """Warnings and filtered prompts, on stderr; then there may be no music."""

    def handle(peer):
        peer.send(message({"warning": "careful"}))
        peer.send(message({"filteredPrompt": {"text": "x", "filteredReason": "It names an artist."}}))
        peer.send(message({"filteredPrompt": {"text": "x"}}))
        answer_close(peer)

    result = run_with(handle, path, "--timeout", "0.5")
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.splitlines() == [
        "The service warns: careful",
        "The prompt is ignored: It names an artist.",
        "The prompt is ignored: it was filtered.",
        "genai-live: no music has come for 0.5 s",
    ]
    assert not path.exists()


def test_an_end_before_the_music_does(path):
    """It is told why, and what has come stays."""

    def handle(peer):
        peer.send(chunk() + close_frame(1011, "Internal error encountered."))

    result = run_with(handle, path)
    assert (result.returncode, result.stdout) == (1, "")
    assert "1011 Internal error encountered." in result.stderr
    assert frames(path) == 1


@pytest.mark.parametrize("mime_type", ["audio/mpeg", "audio/l16;rate=48000;channels=1"])
def test_music_of_another_kind_is_not_saved(path, mime_type):
    """A WAV file would be noise."""

    def handle(peer):
        peer.send(chunk(mime_type=mime_type))
        answer_close(peer)

    result = run_with(handle, path)
    assert (result.returncode, result.stdout) == (1, "")
    assert (
        result.stderr == f"genai-live: the music came as {mime_type}, and only 16-bit stereo can be saved\n"
    )
    assert not path.exists()


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--emulator", " "),
        ("--emulator", "--base-url", "http://127.0.0.1", "x"),
        ("--emulator", "--seconds", "0", "x"),
        ("--emulator", "--bpm", "59", "x"),
        ("--emulator", "--density", "1.1", "x"),
    ],
)
def test_wrong_arguments_are_refused(path, arguments):
    """With exit code 2, and no file."""
    result = run("music", "--save", str(path), *arguments)
    assert (result.returncode, result.stdout) == (2, "")
    assert "Usage: genai-live music" in result.stderr
    assert not path.exists()


def test_a_file_is_wanted():
    """There is nowhere else for the music to go."""
    assert "--save" in run("music", "--emulator", "x").stderr


def test_errors_are_one_sentence(emulator, path):
    """A file that cannot be written, no key, a wrong model, Vertex AI."""
    for told, arguments, environment in (
        ("cannot be written", ("--save", str(path / "x.wav")), {"GOOGLE_API_KEY": SECRET}),
        ("GEMINI_API_KEY", ("--save", str(path)), {}),
        ("is not found", ("--save", str(path), "--model", "gpt-9"), {"GOOGLE_API_KEY": SECRET}),
        (
            "Gemini API",
            ("--save", str(path)),
            {"GOOGLE_API_KEY": SECRET, "GOOGLE_GENAI_USE_VERTEXAI": "true"},
        ),
    ):
        result = run("music", "x", "--base-url", emulator.url, *arguments, **environment)
        assert (result.returncode, result.stdout) == (1, "")
        assert told in result.stderr
        assert result.stderr.count("\n") == 1
        assert SECRET not in result.stderr
        assert not path.exists()


def test_verbose_shows_frames_and_no_key(emulator, path):
    """``-v`` prints what goes over the wire, sound by its length only."""
    arguments = ("music", "-v", "x", "--seconds", "1", "--base-url", emulator.url, "--save", str(path))
    result = run(*arguments, GOOGLE_API_KEY=SECRET)
    assert result.returncode == 0
    assert '> {"playbackControl"' in result.stderr
    assert SECRET not in result.stderr
    assert len(result.stderr) < 5_000


def test_the_emulator_is_reached_past_the_environment(path):
    """A proxy and a service that the environment names do not come between."""
    result = run(
        "music",
        "x",
        "--emulator",
        "--seconds",
        "1",
        "--save",
        str(path),
        http_proxy="http://127.0.0.1:1",
        GOOGLE_GENAI_USE_VERTEXAI="true",
        GOOGLE_GEMINI_BASE_URL="http://127.0.0.1:1",
    )
    assert (result.returncode, result.stderr) == (0, "")
