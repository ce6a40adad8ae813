"""The certificate by which the bundled server and its clients know each other: mutual TLS on every port it opens.

One P-256 key, and a certificate for 127.0.0.1 that is its own root. Server and clients are the same user on the same
machine and hold the same file; whoever cannot read it is refused in the TLS handshake, before any request is read.
"""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_FROM, _UNTIL = datetime(2020, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


def pem(host: str) -> bytes:
    """Return a new key and its certificate for the address `host`, valid until 9999, as one PEM text."""
    secret = ec.generate_private_key(ec.SECP256R1())
    key = secret.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "abhilekh")])
    public = secret.public_key()
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(_FROM)
        .not_valid_after(_UNTIL)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(host))]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .sign(secret, hashes.SHA256())
    )
    return key + signed.public_bytes(serialization.Encoding.PEM)


def client_context(path: Path) -> ssl.SSLContext:
    """Return TLS settings that present the certificate in `path` and trust no other.

    Raises `ConnectionError` when the file is missing or damaged: the server makes a new one at its next start.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # checks the address and demands a certificate
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    try:
        context.load_verify_locations(path)
        context.load_cert_chain(path)
    except OSError as error:  # `ssl.SSLError` is one
        raise ConnectionError(f"{path}: {error}") from error
    return context
