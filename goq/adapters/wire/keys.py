"""Keys of users and nodes: each follows from the cluster id, and from what it is called.

Source: HKDF-SHA256 is RFC 5869. A secret is what its holder keeps in a file: the cluster id, or
what the key is called, a colon, and its 64 hexadecimal digits.
"""

import re

from goq.core.values.who import ADMINISTRATOR, Who, read_key_name

KEY_BYTES = 32
_PURPOSE = b"goq key 1 "
_DIGITS = re.compile(rf"[0-9a-f]{{{2 * KEY_BYTES}}}")


def derive(cluster_id: str, who: Who) -> str:
    """The key of a user or a node: 64 hexadecimal digits."""
    # cryptography is slow to import, and only servers and administrators need it
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF  # noqa: PLC0415

    hkdf = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=_PURPOSE + who.key.encode())
    return hkdf.derive(cluster_id.encode()).hex()


def secret_of(who: Who, key: str) -> str:
    """What the key's holder keeps."""
    return f"{who.key}:{key}"


def split_secret(secret: str) -> tuple[Who, str]:
    """Whose the secret is, and what of it nobody else may know."""
    name, _, key = secret.rpartition(":")
    return (read_key_name(name), key) if name else (ADMINISTRATOR, key)


def who_of(secret: str) -> Who:
    """Whose the secret is."""
    return split_secret(secret)[0]


def is_key(text: str) -> bool:
    """The text has the shape of what the holder of a key keeps."""
    name, _, key = text.rpartition(":")
    try:
        read_key_name(name)
    except ValueError:
        return False
    return _DIGITS.fullmatch(key) is not None
