"""The certificate in GOQ_HOME, by which clients know their server, and the private key, which the server alone has.

Text in, text out: what is in them is for nng (see wire.transport) and for wire.certificates.
"""

import re
from pathlib import Path

from goq.adapters.files.secretfile import read_secret, read_trusted
from goq.errors import BadSetting

CERTIFICATE_FILE = "tls.pem"
PRIVATE_KEY_FILE = "tls-key.pem"
PRIVATE_MARK = "PRIVATE KEY-----"
_CERTIFICATE_SHAPE = re.compile(
    r"-----BEGIN CERTIFICATE-----[\w+/=\s]+-----END CERTIFICATE-----\s*", re.ASCII
)
_KEY_SHAPE = re.compile(r"-----BEGIN EC PRIVATE KEY-----[\w+/=\s]+-----END EC PRIVATE KEY-----\s*", re.ASCII)


def read_certificate(home: Path) -> str:
    """The certificate in GOQ_HOME; "" when there is none.

    Raises BadSetting when it is none, or others may change it.
    """
    path = home / CERTIFICATE_FILE
    pem = read_trusted(path)
    if pem and PRIVATE_MARK in pem:
        raise BadSetting(
            f"{path} holds a private key, and only a certificate belongs there; remove it, and say"
            " 'goq init --tls' on the server's machine, 'goq init --join' on others"
        )
    return "" if pem is None else checked_certificate(pem, path)


def checked_certificate(pem: str, place: Path | str) -> str:
    """The text, if it has the shape of one certificate and holds nothing else. Raises BadSetting."""
    if PRIVATE_MARK in pem:
        raise BadSetting(
            f"{place} holds a private key, which is the server's alone, so nothing is kept;"
            " 'goq init --export' prints the certificate without it"
        )
    if _CERTIFICATE_SHAPE.fullmatch(pem):
        return pem
    raise BadSetting(f"{place} does not hold a certificate; 'goq init --join' takes over that of the cluster")


def read_private_key(home: Path, certificate: str) -> str:
    """The key of that certificate, for a server; "" where there is neither.

    Raises BadSetting when only one of them is there, or they do not belong to each other, or others can
    read the key.
    """
    path, beside = home / PRIVATE_KEY_FILE, home / CERTIFICATE_FILE
    key = read_secret(path)
    if key is None:
        if not certificate:
            return ""
        raise BadSetting(
            f"no private key in {path} for the certificate in {beside}, so no server can be here: start it"
            f" where 'goq init --tls' was said, or bring that file from there; or remove {beside} and say"
            " 'goq init --tls' here, for a new one"
        )
    if not certificate:
        raise BadSetting(
            f"{path} is a private key, and there is no certificate in {beside}: bring it back, or remove"
            " the key and say 'goq init --tls'"
        )
    if not _KEY_SHAPE.fullmatch(key) or not _belong_together(path, beside):
        raise BadSetting(
            f"{path} is not the private key of the certificate in {beside}: bring the two that belong"
            " together, or remove both and say 'goq init --tls'"
        )
    return key


def _belong_together(key: Path, certificate: Path) -> bool:
    import ssl  # noqa: PLC0415 - slow to import, and only servers need it

    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key)
    except ssl.SSLError:
        return False
    return True
