"""``genai-live emulator``."""

import json
import re
import signal
import socket
import ssl

import pytest

from genai_live import AuthenticationError, Client, ConnectionClosedError
from tests.cli.program import Program, run
from tests.timing import SOON

ADDRESS = re.compile(r"https?://127\.0\.0\.1:\d+")


def _start(*arguments):
    return Program("emulator", "--port", "0", *arguments)


def _address(program):
    program.expect("To talk to it:")
    return ADDRESS.search(program.printed)[0]


def _say(address, words, api_key="any", ssl_context=None):
    options = {"http_options": {"base_url": address}, "ssl_context": ssl_context}
    with Client(api_key=api_key, **options) as client:
        config = {"output_audio_transcription": {}}
        with client.live.connect(model="gemini-3.8-live", config=config, timeout=SOON) as session:
            return session.ask(words, timeout=SOON).text


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_runs_until_it_is_told_to_stop(number):
    """It says where it listens and how to talk to it, names each connection, and ends with exit code 0."""
    with _start() as program:
        address = _address(program)
        program.expect(f"genai-live chat --base-url {address}")
        program.expect(f'Client(api_key="any", http_options={{"base_url": "{address}"}})')
        assert _say(address, "Hello") == "Hello"
        program.expect("#1 models/gemini-3.8-live at /ws/google.ai.generativelanguage.v1.")
        program.expect("#1 closed by the client: 1000")
        program.signal(number)
        assert program.end() == 0
        assert "Traceback" not in program.printed


def test_it_behaves_as_the_profile_says():
    """Whatever model is asked for: 2.0 answers in writing, where 3.8 would speak."""
    with _start("--profile", "2.0") as program:
        with Client(api_key="any", http_options={"base_url": _address(program)}) as client:
            with client.live.connect(model="gemini-3.8-live", timeout=SOON) as session:
                turn = session.ask("Hello", timeout=SOON)
        assert (turn.text, turn.audio) == ("Hello", b"")


def test_keys_are_checked():
    """With ``--key`` other keys are refused; the refusal is named, the key is not."""
    with _start("--key", "the-good-one", "--key", "another", "--time-scale", "0") as program:
        address = _address(program)
        assert _say(address, "Hello", api_key="another") == "Hello"
        with pytest.raises(AuthenticationError):
            _say(address, "Hello", api_key="the-bad-one")
        program.expect("#2 closed by the emulator: 1007 API key not valid")
        assert not re.search("the-(good|bad)-one|another", program.printed)


def test_tls_clients_can_trust_it(tmp_path):
    """The certificate stands in the file that ``--tls`` names, for as long as it is of use."""
    file = tmp_path / "ca.pem"
    with _start("--tls", str(file)) as program:
        address = _address(program)
        assert address.startswith("https://")
        assert _say(address, "Hello", ssl_context=ssl.create_default_context(cafile=file)) == "Hello"
        program.signal(signal.SIGINT)
        assert program.end() == 0
    assert not file.exists()


def test_a_file_that_is_there_is_not_overwritten(tmp_path):
    """The name may be that of a certificate that is in use."""
    file = tmp_path / "ca.pem"
    file.write_text("precious")
    result = run("emulator", "--port", "0", "--tls", str(file))
    assert (result.returncode, result.stderr) == (
        1,
        f"genai-live: {file} is there already, and is not overwritten\n",
    )
    assert file.read_text() == "precious"


def test_a_client_that_leaves_the_script_shows_in_the_exit_code(tmp_path):
    """It is told when it happens, and again at the end, with exit code 1."""
    script = tmp_path / "script.json"
    script.write_text(json.dumps({"steps": [{"expect": "Hello", "answer": "Hello."}]}))
    with _start("--script", str(script)) as program:
        address = _address(program)
        with pytest.raises(ConnectionClosedError):
            _say(address, "Good-bye")
        program.expect("#1 closed by the emulator: 1008")
        program.signal(signal.SIGINT)
        assert program.end() == 1
        program.expect("genai-live: connections[0]: steps[0]")


def test_a_port_that_is_taken_is_named():
    """One sentence, and no traceback."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = run("emulator", "--port", str(port))
    assert (result.returncode, result.stdout) == (1, "")
    assert f"port {port}" in result.stderr
    assert result.stderr.count("\n") == 1
