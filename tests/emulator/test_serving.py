"""The port, TLS, starting and stopping."""

import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from contextlib import closing

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from genai_live.emulator import Emulator
from genai_live.errors import ConfigurationError, StateError
from tests.cli.program import UNMEASURED
from tests.emulator.live_client import GEMINI, KEY, masked, talk, talk_set_up, text_of, tls_of
from tests.timing import SOON, scaled

BOUND = scaled(5)
"""Stopping takes no longer, whatever the clients do."""


def open_socket(emulator: Emulator) -> socket.socket:
    """Open a TCP connection to the emulator."""
    host, port = emulator.url.split("//")[1].rsplit(":", 1)
    return socket.create_connection((host, int(port)), timeout=SOON)


def upgrade(emulator: Emulator) -> socket.socket:
    """Open a WebSocket connection by hand, so that nothing reads from it."""
    opened = open_socket(emulator)
    if emulator.ssl_context:
        opened = emulator.ssl_context.wrap_socket(opened, server_hostname="127.0.0.1")
    request = (
        f"GET {GEMINI}?key=k HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )
    opened.sendall(request.encode())
    response = b""
    while not response.endswith(b"\r\n\r\n"):
        response += opened.recv(1)
    assert b" 101 " in response
    return opened


def test_a_plain_server_is_reached_over_http():
    """Without TLS the base URL is http, and there is no SSL context."""
    with Emulator(time_scale=0) as emulator:
        assert emulator.url.startswith("http://127.0.0.1:")
        assert emulator.ssl_context is None
        with talk_set_up(emulator) as client:
            client.say("Hello")
            assert text_of(client.receive_turn()) == "Hello"


def test_tls_is_verified_by_the_given_context():
    """With TLS the base URL is https, and ssl_context verifies the certificate, the host name included."""
    with Emulator(tls=True, time_scale=0) as emulator:
        assert emulator.url.startswith("https://127.0.0.1:")
        assert emulator.ssl_context.verify_mode is ssl.CERT_REQUIRED
        assert emulator.ssl_context.check_hostname
        with talk_set_up(emulator) as client:
            client.say("Hello")
            assert text_of(client.receive_turn()) == "Hello"


def test_the_certificate_is_good_for_localhost():
    """A client may write localhost where the URL says 127.0.0.1."""
    with Emulator(tls=True) as emulator:
        url = emulator.url.replace("https://127.0.0.1", "wss://localhost")
        with connect(url + GEMINI, ssl=tls_of(emulator), additional_headers=KEY, proxy=None) as client:
            assert client.response.status_code == 101


def test_the_certificate_is_nobody_elses():
    """A client that does not trust the emulator's authority refuses its certificate."""
    with Emulator(tls=True) as emulator, pytest.raises(ssl.SSLCertVerificationError):
        connect(
            emulator.url.replace("https", "wss") + GEMINI, ssl=ssl.create_default_context(), proxy=None
        ).__enter__()


def test_ipv6_has_brackets_in_its_url():
    """The URL of an IPv6 address can be used as it is."""
    with Emulator(host="::1", time_scale=0) as emulator:
        assert emulator.url.startswith("http://[::1]:")
        with talk_set_up(emulator) as client:
            client.say("Hello")
            assert text_of(client.receive_turn()) == "Hello"


def test_neither_compression_nor_a_subprotocol_is_negotiated(emulator):
    """The client's offer of permessage-deflate is not taken."""
    with talk(emulator, compression="deflate") as client:
        assert "Sec-WebSocket-Extensions" in client.socket.request.headers
        assert "Sec-WebSocket-Extensions" not in client.socket.response.headers


def test_pings_are_answered(emulator):
    """A ping gets its pong, in setup and after."""
    with talk(emulator) as client:
        assert client.socket.ping("before").wait(SOON)
        client.set_up()
        assert client.socket.ping("after").wait(SOON)


def test_a_request_without_an_upgrade_is_refused(emulator):
    """A plain HTTP request for the path gets a 400, and is no connection."""
    with closing(open_socket(emulator)) as plain:
        plain.sendall(f"GET {GEMINI} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        assert plain.recv(1000).startswith(b"HTTP/1.1 400 ")
    assert emulator.connections == ()


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "example.com"])
def test_only_loopback_unless_told(host):
    """An address that other machines reach is refused, unless allow_remote says otherwise."""
    with pytest.raises(ConfigurationError, match=r"^host: .*allow_remote=True"):
        Emulator(host=host)


def test_remote_addresses_are_served_when_allowed():
    """With allow_remote it listens everywhere, and its URL is one that a local client can use."""
    with Emulator(host="0.0.0.0", allow_remote=True) as emulator:
        assert emulator.url.startswith("http://127.0.0.1:")
        with talk_set_up(emulator):
            pass


@pytest.mark.parametrize(
    ("arguments", "where"),
    [
        ({"time_scale": -1}, "time_scale"),
        ({"time_scale": float("nan")}, "time_scale"),
        ({"api_keys": "one key"}, "api_keys"),
        ({"port": 70000}, "port"),
    ],
)
def test_arguments_that_cannot_be_used_are_named(arguments, where):
    """A wrong argument raises at once, and the error says which."""
    with pytest.raises(ConfigurationError) as raised:
        Emulator(**arguments)
    assert raised.value.where == where


def test_a_port_that_is_taken_is_named(emulator):
    """start() raises when the port cannot be had, and can be called again."""
    port = int(emulator.url.rsplit(":", 1)[1])
    second = Emulator(port=port)
    for _ in range(2):
        with pytest.raises(
            ConfigurationError, match=f"port: cannot listen on 127.0.0.1, port {port}"
        ) as raised:
            second.start()
        assert isinstance(raised.value.__cause__, OSError)


def test_start_and_stop_without_a_with_block():
    """It can be started, stopped twice, and started again; what was recorded stays."""
    emulator = Emulator(time_scale=0)
    for number in (1, 2):
        emulator.start()
        with talk_set_up(emulator):
            pass
        emulator.stop()
        emulator.stop()
        assert len(emulator.connections) == number


def test_it_is_started_once():
    """A second start() is an error, and leaves the first one alone."""
    with Emulator() as emulator:
        with pytest.raises(StateError, match="started already"):
            emulator.start()
        with talk_set_up(emulator):
            pass


@pytest.mark.parametrize("name", ["url", "ssl_context"])
def test_there_is_no_address_before_the_start(name):
    """The address and the certificate exist from the start on."""
    with pytest.raises(StateError, match="before it is started"):
        getattr(Emulator(tls=True), name)


def test_stopping_closes_open_connections():
    """Clients that are connected get a close frame with 1001 and the reason."""
    with Emulator() as emulator, talk_set_up(emulator) as client:
        emulator.stop()
        assert client.receive_close() == (1001, "The emulator is stopping.")
    (connection,) = emulator.connections
    assert (connection.closed_by, connection.close_code) == ("emulator", 1001)


def test_stopping_interrupts_a_pause():
    """An answer that waits for a long time does not hold up the stop."""
    script = {"steps": [{"expect": "Hello", "answer": {"after": 1000, "text": "Late"}}]}
    with Emulator(script=script) as emulator, talk_set_up(emulator) as client:
        client.say("Hello")
        emulator.wait_until(lambda: len(emulator.connections[0].received) == 2)
        began = time.monotonic()
        emulator.stop()
        assert time.monotonic() - began < BOUND


@pytest.mark.parametrize("tls", [False, True])
def test_stopping_is_bounded_with_clients_that_do_not_play_along(tls):
    """Silent TCP connections, half a request, and a client that stopped reading do not hold up the stop."""
    with (
        Emulator(tls=tls, time_scale=0) as emulator,
        closing(open_socket(emulator)),
        closing(open_socket(emulator)) as half,
        closing(upgrade(emulator)) as stalled,
    ):
        half.sendall(b"\x16\x03\x01" if tls else b"GET /ws/")
        stalled.sendall(masked('{"setup": {"model": "models/gemini-2.0-flash-live-001"}}'))
        text = '{"realtimeInput": {"text": "%s"}}' % ("a" * 20_000_000)
        stalled.sendall(masked(text))
        emulator.wait_until(lambda: len(emulator.connections[0].received) == 2, SOON)
        began = time.monotonic()
        emulator.stop()
        assert time.monotonic() - began < BOUND


def test_a_client_that_does_not_read_does_not_stop_the_emulator_from_reading():
    """While an answer waits to be read, further messages are still taken in."""
    with Emulator(time_scale=0) as emulator, closing(upgrade(emulator)) as stalled:
        stalled.sendall(masked('{"setup": {"model": "models/gemini-2.0-flash-live-001"}}'))
        stalled.sendall(masked('{"realtimeInput": {"text": "%s"}}' % ("a" * 20_000_000)))
        for _ in range(3):
            stalled.sendall(masked('{"realtimeInput": {"audioStreamEnd": true}}'))
        emulator.wait_until(lambda: len(emulator.connections[0].received) == 5, SOON)


@pytest.mark.parametrize("path", ["/", "/ws/other", f"{GEMINI}/more", GEMINI.replace("v1beta", "v2")])
def test_other_paths_are_not_found(emulator, path):
    """A path that the service does not have gets a 404, and is no connection."""
    with pytest.raises(InvalidStatus) as raised, talk(emulator, path):
        pass
    assert raised.value.response.status_code == 404
    assert emulator.connections == ()


@pytest.mark.parametrize("package", ["aiohttp", "trustme", "yaml"])
def test_a_missing_extra_is_named(package):
    """Without the packages of the extra, the import says which one is missing and what to install."""
    script = f"import sys; sys.modules[{package!r}] = None; import genai_live.emulator"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert run.returncode == 1
    last_line = run.stderr.splitlines()[-1]
    assert last_line.endswith(f"the emulator needs {package}: pip install 'genai-live[emulator]'")


def test_ctrl_c_ends_a_script_that_uses_it():
    """KeyboardInterrupt leaves the block, and the process ends, though a client is connected."""
    script = """
from genai_live.emulator import Emulator
from tests.emulator.live_client import talk_set_up
with Emulator() as emulator, talk_set_up(emulator):
    print("ready", flush=True)
    emulator.wait_until(lambda: False, timeout=1000)
"""
    with subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | UNMEASURED,
    ) as process:
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=SOON)
    assert errors.splitlines()[-1] == "KeyboardInterrupt"
