"""What nng is told of certificates: how a server shows its own, and how a client knows it. Imports pynng, as transport does."""

from typing import Any

import pynng

from goq.errors import BadSetting

TLS_NAME = "goq-cluster"


def server_tls(certificate: str, private_key: str) -> Any:
    """Shows the certificate, and asks for none: who speaks, signatures say. None without one.

    Raises BadSetting when they cannot be used.
    """
    if not certificate:
        return None
    try:
        tls = pynng.TLSConfig(
            pynng.TLSConfig.MODE_SERVER, own_key_string=private_key, own_cert_string=certificate
        )
        tls.set_auth_mode(pynng.TLSConfig.AUTH_MODE_NONE)
    except pynng.NNGException as error:
        raise BadSetting(_useless(error)) from error
    return tls


def client_tls(certificate: str) -> Any:
    """Trusts that certificate alone, and has none of its own. None without one.

    Raises BadSetting when it cannot be used.
    """
    if not certificate:
        return None
    try:
        return pynng.TLSConfig(
            pynng.TLSConfig.MODE_CLIENT,
            server_name=TLS_NAME,
            ca_string=certificate,
            auth_mode=pynng.TLSConfig.AUTH_MODE_REQUIRED,
        )
    except pynng.NNGException as error:
        raise BadSetting(_useless(error)) from error


def _useless(error: Exception) -> str:
    return f"the cluster's certificate cannot be used ({error}); make it anew"
