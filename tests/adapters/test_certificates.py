"""The cluster's certificate: fresh, private to its owner, and of the shape that the settings expect."""

import datetime as dt
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from goq.adapters.certificate import checked_certificate, read_private_key
from goq.adapters.files.secretfile import write_secret
from goq.adapters.wire.certificates import KeyPair, new_key_pair
from goq.errors import BadSetting


def parts(pair: KeyPair) -> tuple[x509.Certificate, bytes]:
    """The certificate, and the public half of the key that is with it."""
    key = serialization.load_pem_private_key(pair.private_key.encode(), None)
    public = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return x509.load_pem_x509_certificate(pair.certificate.encode()), public


def test_the_key_belongs_to_the_certificate() -> None:
    """Each end shows the certificate and proves that it has the key."""
    certificate, public = parts(new_key_pair())

    assert public == certificate.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def test_it_is_valid_today_on_clocks_that_are_a_little_wrong_and_for_years() -> None:
    """Nodes whose clocks differ by minutes must not refuse each other on the first day."""
    certificate, _ = parts(new_key_pair())
    now = dt.datetime.now(dt.UTC)

    assert certificate.not_valid_before_utc < now - dt.timedelta(hours=1)
    assert certificate.not_valid_after_utc > now + dt.timedelta(days=10 * 365)


def test_no_two_are_alike() -> None:
    """Two clusters must not trust each other."""
    (first, first_key), (second, second_key) = (parts(new_key_pair()) for _ in range(2))

    assert first.serial_number != second.serial_number
    assert first_key != second_key


def test_it_has_the_shape_that_the_settings_accept() -> None:
    """What `goq init --tls` writes, every command must read."""
    pem = new_key_pair().certificate

    assert pem == checked_certificate(pem, "here")


def test_one_that_brings_its_key_is_refused() -> None:
    """Whoever sent it is to know that the key has travelled."""
    pair = new_key_pair()

    with pytest.raises(BadSetting, match="holds a private key, which is the server's alone"):
        checked_certificate(pair.private_key + pair.certificate, "here")


def test_it_is_shown_without_its_key() -> None:
    """A traceback may show it."""
    pair = new_key_pair()

    assert pair.private_key.splitlines()[1] not in repr(pair)


def write(home: Path, certificate: str, key: str) -> None:
    """As `goq init --tls` does; "" for none."""
    for name, text in (("tls.pem", certificate), ("tls-key.pem", key)):
        if text:
            write_secret(home / name, text)


def test_a_server_finds_the_key_of_its_certificate(tmp_path: Path) -> None:
    """And without a certificate it needs none."""
    assert "" == read_private_key(tmp_path, "")
    pair = new_key_pair()
    write(tmp_path, pair.certificate, pair.private_key)

    assert pair.private_key.strip() == read_private_key(tmp_path, pair.certificate)


FIRST, SECOND = new_key_pair(), new_key_pair()
NO_KEY = "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n"


@pytest.mark.parametrize(
    ("certificate", "key", "words"),
    [
        (FIRST.certificate, "", "no private key in "),
        ("", FIRST.private_key, "there is no certificate in "),
        (FIRST.certificate, SECOND.private_key, "is not the private key of the certificate"),
        (FIRST.certificate, FIRST.certificate, "is not the private key of the certificate"),
        (FIRST.certificate, NO_KEY, "is not the private key of the certificate"),
    ],
    ids=["certificate alone", "key alone", "of another", "two certificates", "nonsense"],
)
def test_a_server_without_the_two_that_belong_together_is_refused(
    tmp_path: Path, certificate: str, key: str, words: str
) -> None:
    """Nobody would speak to it; both files are named, and nothing of what is in them."""
    write(tmp_path, certificate, key)

    with pytest.raises(BadSetting, match=words) as refusal:
        read_private_key(tmp_path, certificate)
    assert all(str(tmp_path / name) in str(refusal.value) for name in ("tls.pem", "tls-key.pem"))
    assert "\n" not in str(refusal.value)


def test_a_private_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    """It may be known already."""
    write(tmp_path, FIRST.certificate, FIRST.private_key)
    (tmp_path / "tls-key.pem").chmod(0o640)

    with pytest.raises(BadSetting, match="others can read"):
        read_private_key(tmp_path, FIRST.certificate)
