"""Keys of users and nodes: that each follows from the cluster id and its name, and that frames name them."""

import hashlib
import hmac
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goq.adapters.wire import signing
from goq.adapters.wire.keys import derive, is_key, secret_of, split_secret, who_of
from goq.adapters.wire.signing import MAGIC_NAMED, Keyring, Signer
from goq.core.values.who import ADMINISTRATOR, Role, Who
from goq.errors import BadMessage

ID = "0123456789abcdef0123456789abcdef01234567"
OTHER_ID = "0123456789abcdef0123456789abcdef01234568"
ANN, NODE = Who(Role.USER, "ann", 1), Who(Role.NODE, "ann", 1)
NAMES = st.from_regex(r"\A[A-Za-z0-9_][A-Za-z0-9_.@-]{0,63}\Z")
ANYBODY = st.builds(Who, st.sampled_from([Role.USER, Role.NODE]), NAMES, st.integers(1, 2**31 - 1))


def signer(who: Who, cluster_id: str = ID) -> Signer:
    """Of whoever holds that key."""
    return Signer(secret_of(who, derive(cluster_id, who)))


def keyring(**generations: int) -> Keyring:
    """A server's, where the keys of these users count."""
    return Keyring(ID, lambda holder: generations.get(holder.partition(":")[2], 0))


def test_a_key_is_hkdf_of_the_cluster_id() -> None:
    """Source: RFC 5869, with SHA-256, no salt, and one block of output."""
    extracted = hmac.digest(bytes(32), ID.encode(), hashlib.sha256)
    expanded = hmac.digest(extracted, b"goq key 1 user:ann:1\x01", hashlib.sha256)

    assert expanded.hex() == derive(ID, ANN)


def test_no_two_keys_are_equal() -> None:
    holders = [Who(role, name, at) for role in (Role.USER, Role.NODE) for name in ("a", "b") for at in (1, 2)]
    keys = {derive(cluster_id, who) for who in holders for cluster_id in (ID, OTHER_ID)}

    assert 16 == len(keys)
    assert ID not in keys


@given(ANYBODY)
def test_what_its_holder_keeps_says_whose_it_is(who: Who) -> None:
    secret = secret_of(who, "0f" * 32)

    assert (who, "0f" * 32) == split_secret(secret)
    assert is_key(secret)


@pytest.mark.parametrize(
    "text",
    [
        *("", ID, "user:ann:1", "user:ann:1:" + "0" * 63, "user:ann:0:" + "0" * 64),
        *("root:ann:1:" + "0" * 64, "user:an n:1:" + "0" * 64, "user::1:" + "0" * 64),
        f"user:ann:{2**31}:" + "0" * 64,
    ],
)
def test_what_is_no_key(text: str) -> None:
    assert not is_key(text)


def test_the_cluster_id_is_the_administrators() -> None:
    assert ADMINISTRATOR == who_of(ID)


@settings(deadline=None)
@given(ANYBODY, st.binary(max_size=500), st.binary(max_size=500))
def test_the_server_knows_who_has_signed(who: Who, payload: bytes, behind: bytes) -> None:
    """And signs its answer with the same key, which does not name itself."""
    server, client = Keyring(ID, lambda _: who.generation), signer(who)

    assert (who, payload, b"") == server.open_both(client.seal(payload))
    head = client.seal_head(payload, len(behind))
    assert (who, payload, behind) == server.open_both(head + behind)
    answer = server.seal(payload, who)
    assert not answer.startswith(MAGIC_NAMED)
    assert payload == client.open(answer)
    assert (payload, behind) == client.open_both(server.seal_head(payload, len(behind), who) + behind)


def test_with_the_cluster_id_it_is_as_before() -> None:
    server = keyring()

    assert (ADMINISTRATOR, b"x", b"") == server.open_both(Signer(ID).seal(b"x"))
    assert Signer(ID).seal(b"x") == server.seal(b"x")


def test_nobody_passes_for_another() -> None:
    """A frame names its key, and that it is signed with that one is what counts."""
    server = keyring(ann=1, bob=1)
    bobs = signer(Who(Role.USER, "bob", 1)).seal(b"kill all")
    for name in (b"user:ann:1", b"node:bob:1", b"user:bob:2"):
        forged = MAGIC_NAMED + bytes([len(name)]) + name + bobs[5 + len(b"user:bob:1") :]
        with pytest.raises(BadMessage):
            server.open_both(forged)
    with pytest.raises(BadMessage):
        server.open_both(bobs[5 + len(b"user:bob:1") :])  # as if it were the cluster id's
    with pytest.raises(BadMessage):
        server.open_both(signer(ANN, OTHER_ID).seal(b"x"))
    with pytest.raises(BadMessage):
        signer(ANN).open(server.seal(b"x"))  # an answer for an administrator


def test_a_name_is_not_named_twice() -> None:
    inner = signer(ANN).seal(b"x")
    with pytest.raises(BadMessage):
        keyring(ann=1).open_both(MAGIC_NAMED + bytes([10]) + b"user:ann:1" + inner)


@given(st.binary(max_size=60))
def test_nonsense_is_of_nobody(rest: bytes) -> None:
    with pytest.raises(BadMessage):
        keyring(ann=1).open_both(MAGIC_NAMED + rest)


@pytest.mark.parametrize("counts", [0, 2])
def test_an_old_key_is_told_from_one_that_counts(counts: int) -> None:
    """Its holder hears that in a sentence, under that key."""
    who, _, _ = keyring(ann=counts).open_both(signer(ANN).seal(b"x"))

    assert who.is_retired
    assert ("ann", 1) == (who.name, who.generation)


def test_a_flood_of_names_is_not_remembered() -> None:
    server = keyring()
    for number in range(1, 1200):
        name = b"user:ann:%d" % number
        with pytest.raises(BadMessage):
            server.open_both(MAGIC_NAMED + bytes([len(name)]) + name + b"goq1" + bytes(40))

    assert len(server._signers) <= 1000


def test_what_one_has_sealed_oneself_one_can_open() -> None:
    """What could not be sent is kept, and looked at again."""
    client = signer(ANN)

    assert (b"x", b"") == client.open_both(client.seal(b"x"))


def test_names_of_keys_that_nobody_has_cost_little(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stranger may name any number; whose key counts is heard all the while."""
    derived: list[Who] = []

    def noted(cluster_id: str, who: Who) -> str:
        derived.append(who)
        return derive(cluster_id, who)

    monkeypatch.setattr(signing, "derive", noted)
    monkeypatch.setattr(time, "monotonic", lambda: 5.0)
    ring, ann = keyring(ann=1), Who(Role.USER, "ann", 1)
    for number in range(3 * signing.ODD_KEYS_A_SECOND):
        with pytest.raises(BadMessage):
            ring.open_both(Signer(secret_of(Who(Role.USER, f"u{number}", 1), "0" * 64)).seal(b"x"))

    assert signing.ODD_KEYS_A_SECOND == len(derived)
    assert (ann, b"x", b"") == ring.open_both(signer(ann).seal(b"x"))
    monkeypatch.setattr(time, "monotonic", lambda: 6.0)
    gone, payload, _ = ring.open_both(signer(Who(Role.USER, "bob", 1)).seal(b"y"))
    assert (True, b"y") == (gone.is_retired, payload), "who was removed hears that, and is no stranger"
