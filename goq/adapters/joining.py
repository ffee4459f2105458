"""Joining a cluster: what a machine, a user or a node needs is put into GOQ_HOME.

A GOQ_HOME belongs to one: whoever holds a cluster id or a key there goes over to another only when told to.
"""

from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from goq.adapters.certificate import CERTIFICATE_FILE, PRIVATE_KEY_FILE
from goq.adapters.clusterid import HOME_ID_FILE, KEY_FILE, checked_cluster_id, fingerprint
from goq.adapters.files.secretfile import (
    make_private_folder,
    read_secret,
    read_trusted,
    remove_secret,
    write_secret,
)
from goq.adapters.remembered import SERVER_FILE, Remembered, parse_address, recall, remember
from goq.adapters.token import Token
from goq.adapters.wire.keys import is_key, split_secret, who_of
from goq.adapters.wire.places import is_loopback
from goq.errors import BadSetting

_OURS = (KEY_FILE, HOME_ID_FILE, CERTIFICATE_FILE, PRIVATE_KEY_FILE, SERVER_FILE)


class Membership(Struct, frozen=True):
    """What makes one belong to a cluster: `secret` is the cluster id, or a key with its name.

    `server` is None, and `certificate` empty, where unknown.
    """

    secret: str
    server: Remembered | None
    certificate: str

    def __repr__(self) -> str:
        """Without the secret: tracebacks and logs may show this."""
        return f"Membership({described(self.secret)})"


def membership_of(token: Token) -> Membership:
    """What a token brings."""
    server = Remembered(*parse_address(token.address), joined=token.queue)
    return Membership(token.secret, server, token.certificate)


def secret_at_home(home: Path) -> str | None:
    """The key that GOQ_HOME holds, else the cluster id; None where there is neither. Raises BadSetting for nonsense."""
    path = home / KEY_FILE
    key = read_secret(path)
    if key is not None and not is_key(key):
        raise BadSetting(f"{path} does not hold a key; remove it, and join again with a token")
    if key is not None:
        return key
    cluster_id = read_secret(home / HOME_ID_FILE)
    return None if cluster_id is None else checked_cluster_id(cluster_id, home / HOME_ID_FILE)


def described(secret: str) -> str:
    """Whose a secret is, for people, and which one: nothing of what nobody may know."""
    who, hidden = split_secret(secret)
    if who.is_administrator:
        return f"cluster {fingerprint(hidden)}"
    return f"{who.role} '{who.name}' (key {fingerprint(hidden)})"


def require_no_key(home: Path) -> None:
    """Raises BadSetting where a cluster cannot begin, since its id would be passed over for the key that is there."""
    secret = secret_at_home(home)
    if secret and not who_of(secret).is_administrator:
        raise BadSetting(
            f"'{home}' belongs to {described(secret)}, so no cluster can begin there, and no server; set GOQ_HOME to"
            " a folder of its own for that"
        )


def join(home: Path, membership: Membership, *, force: bool, called: Path | None = None) -> list[str]:
    """Have GOQ_HOME belong to that cluster; what was done, in sentences. `called` is the folder's name for people.

    `force`: leave the cluster that it belongs to. Raises BadSetting, and has then changed nothing but what
    could not be written whole.
    """
    name = called or home
    present = secret_at_home(home)
    known = recall(home)
    if present and present != membership.secret and not _renews(membership, present, known):
        if not force:
            raise BadSetting(
                f"'{name}' belongs to {described(present)}, and this is the key of {described(membership.secret)};"
                " 'goq init --join --force' changes over to that one, and a GOQ_HOME of its own keeps both"
            )
        for each in _OURS:
            remove_secret(home / each)
        known = None
    said = _take_certificate(home, membership.certificate, name)
    if membership.server:
        said.append(_take_address(home, membership.server, known))
    # The secret last: workers may wait for it, and need the rest then.
    path = HOME_ID_FILE if who_of(membership.secret).is_administrator else KEY_FILE
    if present != membership.secret:
        write_secret(home / path, membership.secret)
    return [*said, _joined(name / path, present, membership.secret)]


def _renews(membership: Membership, present: str, known: Remembered | None) -> bool:
    """It is a later key for the same holder, of the same queue: that goes in the place of the earlier one."""
    before, after = who_of(present), who_of(membership.secret)
    if not (after.holder and known and membership.server and known.joined):
        return False
    return (
        before.holder == after.holder
        and before.generation < after.generation
        and known.joined == membership.server.joined
    )


def _joined(path: Path, before: str | None, now: str) -> str:
    if before is None:
        return f"key created in '{path}'"
    if before == now:
        return f"already joined {described(now)}, with the key in '{path}'"
    return f"changed over to {described(now)}, from {described(before)}"


def _take_certificate(home: Path, certificate: str, name: Path) -> list[str]:
    path = make_private_folder(home) / CERTIFICATE_FILE
    if not certificate or certificate == read_trusted(path):
        return []
    if (home / PRIVATE_KEY_FILE).exists():
        raise BadSetting(
            f"'{name / PRIVATE_KEY_FILE}' is the private key of a server here, and another certificate came; if the"
            " server is elsewhere now, remove that file, and join again"
        )
    write_secret(path, certificate)
    return [f"certificate kept in '{name / CERTIFICATE_FILE}'"]


def _take_address(home: Path, server: Remembered, before: Remembered | None) -> str:
    if before:  # the queue that it tells of may be this cluster's, in a shared GOQ_HOME
        joined = server.joined or before.joined
        server = replace(server, served=before.served, others=before.others, joined=joined)
    remember(home, server)
    alone = ", which is that machine only" if is_loopback(server.host) else ""
    return f"the job server is at 'tcp://{server.address}'{alone}"
