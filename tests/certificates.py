"""One certificate authority for the whole run, and contexts for both sides."""

import functools
import ssl

import trustme


@functools.cache
def _authority() -> tuple[trustme.CA, trustme.LeafCert]:
    authority = trustme.CA()
    return authority, authority.issue_cert("localhost", "127.0.0.1", "::1")


def server_context() -> ssl.SSLContext:
    """For a TLS server on loopback."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _authority()[1].configure_cert(context)
    return context


def client_context() -> ssl.SSLContext:
    """Trusts the servers of the tests, and nobody else."""
    context = ssl.create_default_context()
    _authority()[0].configure_trust(context)
    return context


def authority_pem() -> bytes:
    """The authority's certificate, for a bundle file."""
    return _authority()[0].cert_pem.bytes()
