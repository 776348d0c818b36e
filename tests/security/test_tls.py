"""Whom a client talks to is verified, and only ``allow_insecure`` takes that away."""

import datetime as dt
import os
import ssl
import subprocess
import sys

import google.oauth2.credentials
import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from genai_live import AuthenticationError, Client, ConfigurationError, GoogleAuth, HandshakeError, LiveError
from tests.certificates import client_context, server_context
from tests.raw_server import RawServer
from tests.service import KEY, MODEL, accept_setup, answer_close
from tests.timing import SOON

AUTHORITY = trustme.CA()
LONG_AGO = dt.datetime(2020, 1, 1, tzinfo=dt.timezone.utc)
SELF_SIGNED = "name that authority's certificate in REQUESTS_CA_BUNDLE or SSL_CERT_FILE, or give Client"


def _connect(client):
    client.live.connect(model=MODEL, timeout=SOON).close()


def _create(client):
    client.auth_tokens.create(timeout=SOON)


@pytest.fixture(params=[_connect, _create], ids=["websocket", "rest"])
def call(request):
    """Uses a client in one of the ways in which it goes over the network."""
    return request.param


def _self_signed() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.timezone.utc)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return certificate.public_bytes(Encoding.PEM) + private


def _server(certificate) -> RawServer:
    """A server with the certificate; whoever talks to it fails the test."""

    def handle(peer):
        pytest.fail(f"the server was told {peer.read_request()!r}")

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return RawServer(handle, tls=context)


class _File:
    """Certificate and key in a file."""

    def __init__(self, path):
        self._path = path

    def configure_cert(self, context):
        context.load_cert_chain(self._path)


@pytest.fixture(params=["environment", "ssl_context"])
def trust(request, tmp_path, monkeypatch):
    """Arguments of a client that trusts the authority, and where it is told so."""
    if request.param == "ssl_context":
        context = ssl.create_default_context()
        AUTHORITY.configure_trust(context)
        return {"ssl_context": context}
    bundle = tmp_path / "bundle.pem"
    AUTHORITY.cert_pem.write_to_path(str(bundle))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    return {}


def _certificate(kind, folder):
    if kind == "self-signed":
        path = folder / "self-signed.pem"
        path.write_bytes(_self_signed())
        return _File(path)
    if kind == "of an unknown authority":
        return trustme.CA().issue_cert("localhost")
    if kind == "expired":
        a_day_later = LONG_AGO + dt.timedelta(days=1)
        return AUTHORITY.issue_cert("localhost", not_before=LONG_AGO, not_after=a_day_later)
    return AUTHORITY.issue_cert("other.test" if kind == "another host's" else "127.0.0.2")


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("self-signed", SELF_SIGNED),
        ("of an unknown authority", SELF_SIGNED),
        ("expired", "must be renewed, unless the clock of this machine is wrong"),
        ("another host's", r"another host's: is http_options\.base_url right\?"),
        ("another address'", r"another host's: is http_options\.base_url right\?"),
    ],
)
def test_a_certificate_that_is_wrong_is_refused(kind, words, trust, call, tmp_path):
    """Before anything is sent; the error says what is wrong, and what to do about it."""
    host = "127.0.0.1" if kind == "another address'" else "localhost"
    with _server(_certificate(kind, tmp_path)) as server:
        options = {"base_url": f"https://{host}:{server.port}"}
        with Client(api_key=KEY, http_options=options, **trust) as client:
            with pytest.raises(HandshakeError, match=f"CERTIFICATE_VERIFY_FAILED.*{words}") as caught:
                call(client)
    assert host in str(caught.value)


def test_a_certificate_that_is_right_is_taken(trust, call):
    """The tests above would fail for any reason, otherwise."""

    def handle(peer):
        peer.read_request()
        peer.send(b"HTTP/1.1 418 Reached\r\nContent-Length: 0\r\n\r\n")
        peer.read_until_closed()

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    AUTHORITY.issue_cert("localhost").configure_cert(context)
    with RawServer(handle, tls=context) as server:
        options = {"base_url": f"https://localhost:{server.port}"}
        with Client(api_key=KEY, http_options=options, **trust) as client:
            with pytest.raises(LiveError, match="418"):
                call(client)


OFF = {
    "PYTHONHTTPSVERIFY": "0",
    "CURL_CA_BUNDLE": "",
    "REQUESTS_CA_BUNDLE": "",
    "SSL_CERT_FILE": "",
    "SSL_CERT_DIR": "",
    "WEBSOCKET_CLIENT_CA_BUNDLE": "",
}
"""What switches verification off elsewhere, or did once."""


@pytest.mark.parametrize("variable", OFF)
def test_no_variable_switches_verification_off(variable, call, monkeypatch):
    """One that is empty names no authorities, which does not mean all of them."""
    monkeypatch.setenv(variable, OFF[variable])
    with _server(trustme.CA().issue_cert("localhost")) as server:
        with Client(api_key=KEY, http_options={"base_url": f"https://localhost:{server.port}"}) as client:
            with pytest.raises(HandshakeError, match="CERTIFICATE_VERIFY_FAILED"):
                call(client)


@pytest.mark.parametrize("variable", OFF)
def test_no_variable_switches_verification_off_for_google_auth(variable, monkeypatch):
    """A token endpoint that is not who it says gets no refresh token."""
    monkeypatch.setenv(variable, OFF[variable])
    with _server(trustme.CA().issue_cert("localhost")) as server:
        credentials = google.oauth2.credentials.Credentials(
            None,
            refresh_token=KEY,
            token_uri=f"https://localhost:{server.port}/token",
            client_id="me",
            client_secret="mine",
        )
        with pytest.raises(AuthenticationError, match="CERTIFICATE_VERIFY_FAILED"):
            GoogleAuth(credentials).headers("wss://x.test", timeout=SOON)


PROGRAM = """
import ssl, sys
ssl._create_default_https_context = ssl._create_unverified_context
from genai_live import Client, HandshakeError
client = Client(api_key="k", http_options={"base_url": sys.argv[1]})
for call in (lambda: client.live.connect(model="m"), client.auth_tokens.create):
    try:
        call()
    except HandshakeError as error:
        print("CERTIFICATE_VERIFY_FAILED" in str(error))
"""


def test_a_program_that_starts_with_everything_off_verifies_all_the_same():
    """Some variables are read when Python starts; and what switches urllib's verification off is not ours."""
    with _server(trustme.CA().issue_cert("localhost")) as server:
        result = subprocess.run(
            [sys.executable, "-c", PROGRAM, f"https://localhost:{server.port}"],
            env=os.environ | OFF,
            check=True,
            capture_output=True,
            text=True,
            timeout=SOON * 3,
        )
    assert result.stdout.split() == ["True", "True"]


# -- a context of the user's ---------------------------------------------------------------------------------


def _context(*, check_hostname: bool, verify_mode: ssl.VerifyMode) -> ssl.SSLContext:
    context = client_context()
    context.check_hostname = check_hostname
    context.verify_mode = verify_mode
    return context


UNVERIFIED = {
    "no certificate": lambda: _context(check_hostname=False, verify_mode=ssl.CERT_NONE),
    "no host name": lambda: _context(check_hostname=False, verify_mode=ssl.CERT_REQUIRED),
    "a server's context": server_context,
}


@pytest.mark.parametrize("kind", UNVERIFIED)
def test_a_context_that_does_not_verify_is_refused(kind):
    """When the client is made; the message says what is off, and what to do."""
    with pytest.raises(
        ConfigurationError, match=r"^ssl_context: it does not check .*allow_insecure"
    ) as caught:
        Client(api_key=KEY, ssl_context=UNVERIFIED[kind]())
    assert ("check_hostname" if kind == "no host name" else "CERT_NONE") in str(caught.value)


@pytest.mark.parametrize("value", [False, True, "bundle.pem", ssl.CERT_NONE])
def test_what_is_no_context_is_refused(value):
    """``False`` switches verification off in other libraries."""
    with pytest.raises(ConfigurationError, match=r"^ssl_context: expected an ssl\.SSLContext"):
        Client(api_key=KEY, ssl_context=value, http_options={"allow_insecure": True})


@pytest.mark.parametrize("kind", ["no certificate", "no host name"])
def test_who_means_it_can_do_without_verification(kind, tmp_path):
    """``allow_insecure`` is the one switch, for all of a client; a server of another name is reached then."""
    authority = AUTHORITY if kind == "no host name" else trustme.CA()
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("other.test").configure_cert(server)
    context = UNVERIFIED[kind]()
    AUTHORITY.configure_trust(context)

    def handle(peer):
        accept_setup(peer)
        answer_close(peer)

    with RawServer(handle, tls=server) as service:
        options = {"base_url": f"https://localhost:{service.port}", "allow_insecure": True}
        with Client(api_key=KEY, http_options=options, ssl_context=context) as client:
            _connect(client)


# -- without TLS ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    [
        "localhost.example.test",
        "127.0.0.1.example.test",
        "localhost@example.test",
        "0.0.0.0",
        "10.0.0.1",
        "[::]",
        "[fe80::1]",
        "example.test",
    ],
)
def test_a_key_goes_unencrypted_to_this_machine_only(host, call):
    """Whatever looks like its name; the address of one session or request is held to that, too."""
    where = r"http_options\.base_url"
    url = f"http://{host}:1"
    with pytest.raises(ConfigurationError, match=where):
        with Client(api_key=KEY, http_options={"base_url": url}) as client:
            call(client)
    config = {"http_options": {"base_url": url}}
    with Client(api_key=KEY) as client:
        with pytest.raises(ConfigurationError, match=where):
            if call is _connect:
                client.live.connect(model=MODEL, config=config)
            else:
                client.auth_tokens.create(config)


@pytest.mark.parametrize("proxy", ["http://192.0.2.1:1", "192.0.2.1:1", "socks5h://192.0.2.1:1"])
def test_a_key_for_this_machine_does_not_go_to_a_proxy_unencrypted(proxy, call, monkeypatch):
    """It would leave the machine on the way; the message says how to go there directly."""
    monkeypatch.setenv("HTTP_PROXY", proxy)
    with Client(api_key=KEY, http_options={"base_url": "http://localhost:1"}) as client:
        with pytest.raises(ConfigurationError, match="unencrypted to the proxy.*NO_PROXY"):
            call(client)
        monkeypatch.setenv("NO_PROXY", "localhost")
        with pytest.raises(HandshakeError, match="localhost:1"):
            call(client)


def test_who_means_it_can_send_a_key_to_a_proxy_unencrypted(call, monkeypatch):
    """``allow_insecure`` is the switch for that as well: here the proxy is a name that nobody has."""
    monkeypatch.setenv("HTTP_PROXY", "http://no-such-host.invalid:1")
    options = {"base_url": "http://localhost:1", "allow_insecure": True}
    with Client(api_key=KEY, http_options=options) as client:
        with pytest.raises(HandshakeError, match="no-such-host"):
            call(client)
