"""No secret is in a log, repr, exception, traceback or warning, whatever happens.

The flows are played with every logger at debug level, and the traces of websocket-client and http.client
switched on. What comes of it is searched for secrets that the flow has used: API keys, tokens, the values of
own headers, what a gateway's address holds in its query, a proxy's password, and the handles with which
sessions can be resumed. A piece of one is a leak, and so is one in base64 or quoted for a URL.

Tools that report errors also show the local variables of each frame. So credentials in headers are not in
the variables of the library's own frames either. That cannot be promised of a string that the caller passes
while the constructor of Client runs, nor of the frames of requests and google-auth, which get plain strings.
"""

import logging
import os
import subprocess
import sys
import urllib.parse
import warnings

import pytest

from tests.raw_server import RawServer
from tests.security.flows import FLOWS
from tests.security.flows.signing_in import mistakes_of_the_caller
from tests.security.stage import API_KEY, HEADER, IN_HEADERS, PROXY_PASSWORD, QUERY, SECRETS, Stage
from tests.security.watch import LOGGERS, leaks, watching
from tests.timing import SOON


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.__name__)
def test_no_secret_is_told(flow, tls, monkeypatch, capfd):
    """Whatever is printed, logged or raised in a flow holds none of the secrets."""
    with watching(monkeypatch) as watch:
        flow(Stage(watch, monkeypatch, tls))
    printed = capfd.readouterr()
    told = "\n".join([*watch.texts, printed.out, printed.err])
    assert {secret: found[:1] for secret in SECRETS if (found := leaks(secret, told))} == {}
    if flow is not mistakes_of_the_caller:
        variables = "\n".join(watch.variables)
        assert {secret: found[:1] for secret in IN_HEADERS if (found := leaks(secret, variables))} == {}


PROGRAM = """
import faulthandler, http.client, logging, sys, threading
import websocket
from genai_live import Client

logging.basicConfig(level=logging.DEBUG)
websocket.enableTrace(True)
http.client.HTTPConnection.debuglevel = 1
client = Client(http_options={"base_url": sys.argv[1], "headers": {"x-own": sys.argv[2]}})
print(client, client.live)
thread = threading.Thread(target=client.live.connect, kwargs={"model": "m"})
thread.start()
thread.join()
try:
    client.auth_tokens.create()
except Exception:
    logging.exception("no token")
    faulthandler.dump_traceback(all_threads=True)
client.live.connect(model="m")
"""


def test_a_program_that_dies_of_an_error_tells_no_secret():
    """With a key of the environment, in Python's development mode; the server that refuses it repeats it."""

    def refuse(peer):
        asked = peer.read_request()
        status = b"401 " if asked.startswith(b"GET ") else b"403 "
        peer.send(b"HTTP/1.1 " + status + API_KEY.encode() + b"\r\nConnection: close\r\n\r\n" + asked)

    with RawServer(refuse) as server:
        address = f"http://localhost:{server.port}/?key={urllib.parse.quote(QUERY, safe='')}"
        result = subprocess.run(
            [sys.executable, "-X", "dev", "-c", PROGRAM, address, HEADER],
            env=os.environ | {"GEMINI_API_KEY": API_KEY},
            check=False,
            capture_output=True,
            text=True,
            timeout=SOON * 3,
        )
    told = result.stdout + result.stderr
    assert result.returncode == 1
    assert result.stderr.count("AuthenticationError: the service refused") == 3
    assert {secret: found[:1] for secret in SECRETS if (found := leaks(secret, told))} == {}


# -- the search itself ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", LOGGERS)
def test_the_watch_reads_every_logger(name, monkeypatch):
    """At debug level, with its arguments."""
    with watching(monkeypatch) as watch:
        logging.getLogger(name).getChild("deeper").debug("a key: %s", API_KEY)
    assert leaks(API_KEY, "\n".join(watch.texts))


def test_the_watch_sees_what_an_exception_shows(monkeypatch):
    """Its causes, and the variables of the library's frames."""
    from genai_live import ApiKeyAuth, ConfigurationError

    with watching(monkeypatch) as watch:
        try:
            ApiKeyAuth(API_KEY + "\n" + API_KEY)
        except ConfigurationError as error:
            error.__cause__ = OSError(HEADER)
            watch.see(error)
        warnings.warn(PROXY_PASSWORD, ResourceWarning, stacklevel=1)
    assert leaks(API_KEY, "\n".join(watch.variables))
    assert leaks(HEADER, "\n".join(watch.texts))
    assert leaks(PROXY_PASSWORD, "\n".join(watch.texts))


@pytest.mark.parametrize(
    "text",
    [
        f"key={API_KEY}",
        API_KEY[:14],
        API_KEY[8:],
        "AIza-hN4%2FvQ8%2BzR2",
        "Basic bWU6QUl6YS1oTjQvdlE4K3pSMl9rVDYtd0I5eEMz",  # me:…
        API_KEY.encode().hex(),
    ],
)
def test_a_piece_of_a_secret_is_a_leak(text):
    """In each form that it may have on its way."""
    assert leaks(API_KEY, f"… {text} …")
    assert not leaks(HEADER, f"… {text} …")
