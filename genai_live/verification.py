"""Whom credentials may go to, so that it is never anybody by mistake. No threads, sockets or clock."""

from __future__ import annotations

import ipaddress
import ssl

from genai_live.errors import ConfigurationError

_EXPIRED, _OTHER_HOST, _OTHER_ADDRESS = 10, 62, 64
"""OpenSSL's X509_V_ERR_CERT_HAS_EXPIRED, _HOSTNAME_MISMATCH and _IP_ADDRESS_MISMATCH."""


def is_loopback(host: str) -> bool:
    """Whether a host's name or address is this machine's, where nothing has to be encrypted."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def hold_to_verification(context: object, *, allow_insecure: bool) -> None:
    """Refuses a context that trusts whoever answers.

    Args:
        context: What the user gave as ``ssl_context``; None is the default one.
        allow_insecure: Whether the user wants that.

    Raises:
        ConfigurationError: It does not check certificates or host names, or is no context.
    """
    if context is None:
        return
    where = "ssl_context"
    if not hasattr(context, "verify_mode"):
        raise ConfigurationError(f"expected an ssl.SSLContext, got {type(context).__name__}", where=where)
    if context.verify_mode == ssl.CERT_NONE:
        off = "does not check certificates (verify_mode is CERT_NONE)"
    elif not getattr(context, "check_hostname", False):
        off = "does not check whose certificate it is (check_hostname is False)"
    else:
        return
    if not allow_insecure:
        raise ConfigurationError(
            f"it {off}, so whoever is in between can take the credentials. To trust an authority of your own,"
            " use ssl.create_default_context(cafile=…). If it is meant, set allow_insecure in http_options",
            where=where,
        )


def advice(error: BaseException | None) -> str:
    """What to do about a certificate that was refused, to go behind the error; empty for other errors.

    Args:
        error: The error, or one that was made of it.
    """
    while error is not None and not isinstance(error, ssl.SSLCertVerificationError):
        inner = error.args[0] if error.args else None
        error = inner if isinstance(inner, BaseException) else error.__cause__
    if error is None:
        return ""
    if error.verify_code == _EXPIRED:
        return ". The server's certificate must be renewed, unless the clock of this machine is wrong"
    if error.verify_code in (_OTHER_HOST, _OTHER_ADDRESS):
        return ". The certificate is another host's: is http_options.base_url right?"
    return (
        ". If you trust who signed it, name that authority's certificate in REQUESTS_CA_BUNDLE or"
        " SSL_CERT_FILE, or give Client(ssl_context=…)"
    )
