"""Who a GOQ_HOME belongs to, and when it goes over to another; by the installed command in system/test_join_token.py."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from goq.adapters.joining import (
    Membership,
    described,
    join,
    membership_of,
    require_no_key,
    secret_at_home,
)
from goq.adapters.remembered import Remembered, Served, read_remembered, remember
from goq.adapters.token import Token
from goq.adapters.wire.certificates import new_key_pair
from goq.core.values.ids import QueueId
from goq.core.values.who import Role, Who
from goq.errors import BadSetting

CERTIFICATE = new_key_pair().certificate.strip()
QUEUE, OTHER_QUEUE = QueueId(b"q" * 16), QueueId(b"p" * 16)
CLUSTER = Membership("5" * 40, Remembered("head", 7), "")


def member(
    name: str = "alice", generation: int = 1, queue: QueueId = QUEUE, certificate: str = CERTIFICATE
) -> Membership:
    """By a token of that user's; each has a key of its own."""
    key = f"{name}{generation}".encode().hex().zfill(64)
    return membership_of(Token(Who(Role.USER, name, generation), key, "head:7", certificate, queue))


def names(home: Path) -> set[str]:
    return {path.name for path in home.iterdir()}


@pytest.mark.parametrize("first", [CLUSTER, member()], ids=["id", "key"])
@pytest.mark.parametrize("second", [replace(CLUSTER, secret="6" * 40), member("bob")], ids=["id", "key"])
def test_it_goes_over_only_when_told_to_and_keeps_nothing_then(
    tmp_path: Path, first: Membership, second: Membership
) -> None:
    """Certificate, private key, address and the other kind of secret would lead astray."""
    join(tmp_path, first, force=False)
    (tmp_path / "tls-key.pem").touch(0o600)
    with pytest.raises(BadSetting) as refused:
        join(tmp_path, second, force=False)
    assert first.secret == secret_at_home(tmp_path)
    assert all(described(each.secret) in str(refused.value) for each in (first, second))
    said = join(tmp_path, second, force=True)

    assert f"changed over to {described(second.secret)}, from {described(first.secret)}" == said[-1]
    assert second.secret == secret_at_home(tmp_path)
    assert ({"goqkey", "server", "tls.pem"} if second.certificate else {"goqclusterid", "server"}) == names(
        tmp_path
    )


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (member(generation=2), member(generation=1)),
        (member(), member("bob", generation=2)),
        (member(), member(generation=2, queue=OTHER_QUEUE)),
    ],
    ids=["earlier", "another's", "elsewhere"],
)
def test_what_renews_nothing_is_another_key(tmp_path: Path, first: Membership, second: Membership) -> None:
    """Only a later one of the same holder in the same queue does."""
    join(tmp_path, first, force=False)
    with pytest.raises(BadSetting, match="changes over to that one"):
        join(tmp_path, second, force=False)

    assert first.secret == secret_at_home(tmp_path)


def test_a_later_key_takes_the_place_of_the_earlier_one(tmp_path: Path) -> None:
    """Again and again; what came with the first is kept where the next brings nothing."""
    for generation in (1, 2, 3):
        join(
            tmp_path,
            member(generation=generation, certificate="" if generation == 2 else CERTIFICATE),
            force=False,
        )

        assert member(generation=generation).secret == secret_at_home(tmp_path)
        assert {"goqkey", "server", "tls.pem"} == names(tmp_path)


def test_joining_anew_knows_of_what_was_served_there(tmp_path: Path) -> None:
    """In a GOQ_HOME that the server shares the queue's folder is in the same file."""
    served = Served(QUEUE, 1, Path("/srv"), Path("/srv/o"), 7, Path("/"), "head")
    remember(tmp_path, Remembered("old", 1, served=served))
    join(tmp_path, member(), force=False)
    join(tmp_path, replace(member(), server=Remembered("new", 2)), force=False)

    assert Remembered("new", 2, served=served, joined=QUEUE) == read_remembered(tmp_path)


def test_the_home_of_a_server_takes_no_other_certificate(tmp_path: Path) -> None:
    """Its private key would fit no more."""
    join(tmp_path, member(), force=False)
    (tmp_path / "tls-key.pem").touch(0o600)
    join(tmp_path, member(), force=False)
    with pytest.raises(BadSetting, match="is the private key of a server here"):
        join(tmp_path, member(certificate=new_key_pair().certificate.strip()), force=False)

    assert CERTIFICATE == (tmp_path / "tls.pem").read_text().strip()


def test_no_cluster_begins_beside_a_key(tmp_path: Path) -> None:
    """Beside an id one is there, and in an empty home there is room."""
    require_no_key(tmp_path)
    join(tmp_path, CLUSTER, force=False)
    require_no_key(tmp_path)
    join(tmp_path, member(), force=True)
    with pytest.raises(BadSetting, match=r"belongs to user 'alice' \(key [0-9a-f]{8}\)"):
        require_no_key(tmp_path)


def test_nothing_of_the_secret_is_shown(tmp_path: Path) -> None:
    """Neither by its name for people, nor in a traceback."""
    for each in (CLUSTER, member()):
        hidden = each.secret.rpartition(":")[2]
        assert hidden not in repr(each) + described(each.secret)
        assert not any(hidden in sentence for sentence in join(tmp_path / hidden[:4], each, force=False)[-1:])


def test_for_people_a_folder_may_be_called_otherwise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who works in it has no need of its name."""
    monkeypatch.chdir(tmp_path)
    said = join(Path(), member(), force=False, called=Path("/home/alice/.goq"))

    assert "key created in '/home/alice/.goq/goqkey'" == said[-1]
    assert {"goqkey", "server", "tls.pem"} == names(tmp_path)
