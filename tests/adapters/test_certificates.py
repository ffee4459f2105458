"""The cluster's certificate: fresh, private to its owner, and of the shape that the settings expect."""

import datetime as dt

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from goq.adapters.config import checked_certificate
from goq.adapters.wire.certificates import new_cluster_certificate


def parts(pem: str) -> tuple[x509.Certificate, bytes]:
    """The certificate, and the public half of the key that is with it."""
    key = serialization.load_pem_private_key(pem.encode(), None)
    public = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return x509.load_pem_x509_certificate(pem[pem.index("-----BEGIN CERT") :].encode()), public


def test_the_key_belongs_to_the_certificate() -> None:
    """Each end shows the certificate and proves that it has the key."""
    certificate, public = parts(new_cluster_certificate())

    assert public == certificate.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def test_it_is_valid_today_on_clocks_that_are_a_little_wrong_and_for_years() -> None:
    """Nodes whose clocks differ by minutes must not refuse each other on the first day."""
    certificate, _ = parts(new_cluster_certificate())
    now = dt.datetime.now(dt.UTC)

    assert certificate.not_valid_before_utc < now - dt.timedelta(hours=1)
    assert certificate.not_valid_after_utc > now + dt.timedelta(days=10 * 365)


def test_no_two_are_alike() -> None:
    """Two clusters must not trust each other."""
    (first, first_key), (second, second_key) = (parts(new_cluster_certificate()) for _ in range(2))

    assert first.serial_number != second.serial_number
    assert first_key != second_key


def test_it_has_the_shape_that_the_settings_accept() -> None:
    """What `goq init --tls` writes, every command must read."""
    pem = new_cluster_certificate()

    assert pem == checked_certificate(pem, "here")
