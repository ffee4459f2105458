"""The secret that one has: the cluster id, or the key of a user or a node; in its file or variable, and out of what jobs see.

A bad one is refused by the name of its place, and never shown.
"""

import hashlib
import os
import re
import secrets
from pathlib import Path

from goq.adapters.config import Config
from goq.adapters.files.secretfile import make_private_folder, read_secret, write_secret
from goq.adapters.wire.keys import is_key, split_secret, who_of
from goq.core.values.ids import Environment, split_environment
from goq.core.values.who import Role
from goq.errors import BadSetting

ID_FILE = ".goqclusterid"
HOME_ID_FILE = "goqclusterid"
KEY_FILE = "goqkey"  # in GOQ_HOME
ID_VARIABLE = "GOQ_CLUSTERID"
JOURNAL_VARIABLE = b"GOQ_JOURNAL"
_ANY_KEY = re.compile(rb"\b(?:user|node):[^:\s]+:\d+:[0-9a-fA-F]{64}")
_ID_SHAPE = re.compile(r"[0-9a-fA-F]{32,128}")


def new_cluster_id() -> str:
    """A new random id: 40 hexadecimal digits."""
    return secrets.token_hex(20)


def find_cluster_id(config: Config) -> str | None:
    """The cluster id here: the folder's file, else GOQ_CLUSTERID, else GOQ_HOME's file.

    Raises BadSetting when the one that counts is malformed, or a file that others can read.
    """
    variable = _from_variable()  # a bad one is refused, even where another id counts
    return _of_folder() or variable or _from_file(config.home / HOME_ID_FILE)


def find_secret(config: Config) -> str | None:
    """What we sign with: the folder's cluster id, else GOQ_CLUSTERID, else the key in GOQ_HOME, else the id there.

    Raises BadSetting when the one that counts is malformed, or a file that others can read.
    """
    variable = _from_variable()
    return _of_folder() or variable or key_at_home(config) or _from_file(config.home / HOME_ID_FILE)


def require_secret(config: Config) -> str:
    """What we sign with. Raises BadSetting when there is nothing."""
    found = find_secret(config)
    if found is None:
        raise BadSetting(
            f"no cluster id yet: 'goq up' starts a job server and a worker here; for a cluster of others start 'goq serve' on this machine, set {ID_VARIABLE},"
            f" or bring the cluster's id to {config.home} with 'goq init --join'"
        )
    return found


def require_cluster_id(config: Config) -> str:
    """The cluster id in force. Raises BadSetting when there is none, or a key alone."""
    secret = require_secret(config)
    if who_of(secret).role != Role.ADMINISTRATOR:
        raise BadSetting(
            f"{config.home / KEY_FILE} holds the key of {shown_secret(secret)}, and this needs the cluster id:"
            " ask whoever runs the cluster"
        )
    return secret


def _of_folder() -> str | None:
    """The id in the file of the folder that we are in; one that we may not read is another's."""
    path = Path(ID_FILE)
    is_others = path.exists() and not os.access(path, os.R_OK, effective_ids=True)
    return None if is_others else _from_file(path)


def key_at_home(config: Config) -> str | None:
    """The key of a user or a node that GOQ_HOME holds, if any. Raises BadSetting when it is none."""
    path = config.home / KEY_FILE
    key = read_secret(path)
    if key is not None and not is_key(key):
        raise BadSetting(f"{path} does not hold a key; 'goq init --join' takes a token and writes it anew")
    return key


def shown_secret(secret: str) -> str:
    """Whose it is, for people; nothing of what is secret."""
    who = who_of(secret)
    return f"{who.role} '{who.name}'" if who.name else f"cluster {fingerprint(secret)}"


def settle_cluster_id(config: Config) -> tuple[str, str]:
    """The id for a server started here, kept where later commands find it; and a warning, or "".

    Written to the folder's file, and to GOQ_HOME unless one is there already.
    """
    found = find_cluster_id(config)
    if found is None and (key := key_at_home(config)):
        raise BadSetting(
            f"{config.home / KEY_FILE} holds the key of {shown_secret(key)} in another cluster; for a cluster of your"
            " own set GOQ_HOME to another folder"
        )
    cluster_id = found or new_cluster_id()
    here = Path(ID_FILE)
    if not here.exists():
        write_secret(here, cluster_id)
    at_home = save_at_home(config, cluster_id)
    if at_home == cluster_id:
        return cluster_id, ""
    return cluster_id, (
        f"{config.home / HOME_ID_FILE} holds another cluster's id; "
        f"commands reach this server from {here.absolute().parent}, or with {ID_VARIABLE} set"
    )


def save_at_home(config: Config, cluster_id: str) -> str:
    """Keep the id in GOQ_HOME unless one is there; the id that is there afterwards."""
    make_private_folder(config.home)
    present = id_at_home(config)
    if present is None:
        write_secret(config.home / HOME_ID_FILE, cluster_id)
    return present or cluster_id


def id_at_home(config: Config) -> str | None:
    """The id that GOQ_HOME holds, if any. Raises BadSetting when it is none."""
    return _from_file(config.home / HOME_ID_FILE)


def fingerprint(cluster_id: str) -> str:
    """What one may show of the secret: enough to tell two clusters apart."""
    return hashlib.sha256(b"goq cluster " + cluster_id.encode()).hexdigest()[:8]


def is_cluster_id(text: str) -> bool:
    """The text has the shape of one."""
    return _ID_SHAPE.fullmatch(text) is not None


def checked_cluster_id(cluster_id: str, place: Path | str) -> str:
    """The id, if it can be one. Raises BadSetting, which names the place but not the id."""
    if is_cluster_id(cluster_id):
        return cluster_id
    raise BadSetting(
        f"{place} does not hold a cluster id (32 to 128 hexadecimal digits); make one with 'goq clusterid'"
    )


def _from_file(path: Path) -> str | None:
    cluster_id = read_secret(path)
    return None if cluster_id is None else checked_cluster_id(cluster_id, path)


def _from_variable() -> str | None:
    cluster_id = os.environ.get(ID_VARIABLE)
    return checked_cluster_id(cluster_id, ID_VARIABLE) if cluster_id else None


def scrubbed_environment(secret: str) -> dict[bytes, bytes]:
    """The environment without the secret: what a job may see."""
    given = _given_environment()
    return {name: value for name, value in given.items() if not tells_secret(secret, name, value)}


def tells_secret(secret: str, name: bytes, value: bytes) -> bool:
    """A variable that would give the secret away, or a key, or how the journal is come by.

    Of a key, `user:NAME:GENERATION:DIGITS`, the digits count, in whatever they are wrapped; and any key is one, also of
    somebody else. A journal that has an address may have a password in it, and no job has any use for that.
    """
    hidden = split_secret(secret)[1].encode()
    if name == ID_VARIABLE.encode() or hidden in value or hidden in name or _ANY_KEY.search(value):
        return True
    return name == JOURNAL_VARIABLE and b"://" in value


def _given_environment() -> dict[bytes, bytes]:
    """The environment as we were given it: Python may have set LC_CTYPE in its own (PEP 538)."""
    variables = dict(os.environb)
    with open("/proc/self/environ", "rb") as file:
        given = split_environment(Environment(file.read()))
    variables.pop(b"LC_CTYPE", None)
    if b"LC_CTYPE" in given:
        variables[b"LC_CTYPE"] = given[b"LC_CTYPE"]
    return variables
