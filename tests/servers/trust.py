"""How a program in another process comes to trust an emulator, or a test's own server."""

import ssl


def write_authorities(context, path):
    """Writes what a client's context trusts to a file; returns its name."""
    authorities = context.get_ca_certs(binary_form=True)
    path.write_text("".join(map(ssl.DER_cert_to_PEM_cert, authorities)))
    return str(path)
