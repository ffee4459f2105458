"""A new certificate for the server of a cluster, and its private key. The only user of cryptography.

The certificate is self-signed and goes to every machine, where clients trust it alone; the key stays with the server.
"""

import datetime as dt

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from msgspec import Struct

from goq.adapters.wire.transport_tls import TLS_NAME

_VALID_DAYS = 20 * 365


class KeyPair(Struct, frozen=True):
    """Both as PEM text: what everybody may know, and what one alone has."""

    certificate: str
    private_key: str

    def __repr__(self) -> str:
        """Without the private key: tracebacks and logs may show this."""
        return "KeyPair(...)"


def new_key_pair() -> KeyPair:
    """A fresh key and its certificate: ECDSA on P-256, valid for 20 years.

    Source: the profile is that of RFC 5280; one day of clock difference is allowed for.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, TLS_NAME)])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=_VALID_DAYS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(TLS_NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, form = serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL
    private_key = key.private_bytes(pem, form, serialization.NoEncryption())
    return KeyPair(certificate.public_bytes(pem).decode("ascii"), private_key.decode("ascii"))
