"""A token goes into the home of its user, who may have prepared that: nothing of root's is touched or told.

Each is done in a process of its own, as the command is: one without threads, which ends afterwards.
"""

import json
import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from adapters.until import wait_until
from goq.adapters.installing import account_of
from goq.adapters.token import Token, text
from goq.adapters.wire.certificates import new_key_pair
from goq.core.values.ids import QueueId
from goq.core.values.who import Role, Who
from goq.errors import BadSetting

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root may write into the homes of others")

UID = 53_211  # of nobody
KEY = "0123456789abcdef" * 4
ALICE = Who(Role.USER, "alice", 1)
TOKEN = Token(ALICE, KEY, "head.example:7", new_key_pair().certificate.strip(), QueueId(b"q" * 16))
OTHER = replace(TOKEN, who=Who(Role.USER, "bob", 1), key=KEY[::-1])
OURS = {"goqkey", "server", "tls.pem"}
INSTALL = """
import json, os, sys
from pathlib import Path
from goq.adapters import installing
from goq.adapters.accounts import Account
from goq.adapters.token import read_token
from goq.errors import BadSetting
told = json.loads(sys.stdin.read())
installing.PATIENCE_S = told["patience_s"]
account = Account("alice", told["uid"], told["uid"], (told["uid"],), Path(told["home"]))
if told["we"]:
    os.setresuid(told["we"], told["we"], told["we"])
for _ in range(told["times"]):
    try:
        said = installing.install_token(read_token(told["token"]), account, force=told["force"])
    except BadSetting as error:
        said = str(error)
    print(json.dumps([said, [os.getresuid(), os.getcwd()]]))
"""


@pytest.fixture(name="folder")
def _folder() -> Iterator[Path]:
    """One that everybody may enter, unlike pytest's."""
    with tempfile.TemporaryDirectory(prefix="goq-install-") as made:
        Path(made).chmod(0o755)
        yield Path(made)


@pytest.fixture(name="home")
def _home(folder: Path) -> Path:
    """The user's."""
    made = folder / "alice"
    made.mkdir(mode=0o755)
    os.chown(made, UID, UID)
    return made


@pytest.fixture(name="secret")
def _secret(folder: Path) -> Path:
    """A folder of root's with a file that nobody else may read, or change."""
    made = folder / "root"
    made.mkdir(mode=0o755)
    (made / "file").write_text("root's own\n")
    (made / "file").chmod(0o600)
    return made


def start(home: Path, token: Token = TOKEN, **changes: Any) -> subprocess.Popen[str]:
    """Begin to put it there."""
    told = {"home": str(home), "token": text(token), "uid": UID, "force": False, "times": 1}
    told |= {"patience_s": 30.0, "we": 0} | changes
    pipe = subprocess.PIPE
    process = subprocess.Popen(
        [sys.executable, "-c", INSTALL], stdin=pipe, stdout=pipe, stderr=pipe, text=True
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps(told))
    process.stdin.close()
    process.stdin = None
    return process


def said(home: Path, token: Token = TOKEN, **changes: Any) -> Any:
    """What was done, in sentences, or why it was not, in one; the process itself is as before."""
    out, err = start(home, token, **changes).communicate(timeout=60)
    assert "" == err
    what, (ids, folder) = json.loads(out.splitlines()[-1])
    assert ids == [changes.get("we", 0)] * 3
    assert os.getcwd() == folder
    return what


def as_user(home: Path, script: str) -> None:
    """What the user has done before."""
    subprocess.run(["sh", "-ec", script], cwd=home, user=UID, group=UID, extra_groups=[], check=True)


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_it_is_there_and_the_user_s_alone(home: Path) -> None:
    """As if the user had joined."""
    what = said(home)
    made = [home / ".goq", *(home / ".goq").iterdir()]

    assert f"key created in '{home}/.goq/goqkey'" == what[-1]
    assert OURS == set(files(home / ".goq"))
    assert f"{TOKEN.secret}\n".encode() == files(home / ".goq")["goqkey"]
    assert {(UID, UID)} == {(path.stat().st_uid, path.stat().st_gid) for path in made}
    assert [0o700, 0o600, 0o600, 0o600] == [stat.S_IMODE(path.stat().st_mode) for path in made]


def test_once_more_is_done_already(home: Path) -> None:
    """Nothing is written anew."""
    said(home)
    before = files(home / ".goq")

    assert "already joined user 'alice'" in said(home)[-1]
    assert before == files(home / ".goq")


def test_another_cluster_is_not_left_without_being_told_to(home: Path) -> None:
    """The user's jobs are there."""
    said(home)
    before = files(home / ".goq")
    refused = said(home, OTHER)
    assert f"'{home}/.goq' belongs to user 'alice' (key " in refused
    assert "user 'bob' (key " in refused
    assert before == files(home / ".goq")

    assert "changed over to user 'bob'" in said(home, OTHER, force=True)[-1]


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("ln -s ../root .goq", "no folder, or a link to one"),
        ("ln -s nowhere .goq", "no folder, or a link to one"),
        ("touch .goq", "no folder, or a link to one"),
        ("mkdir .goq; ln -s ../../root/file .goq/goqkey", "Permission denied"),
        ("mkdir .goq; ln -s ../../root/file .goq/tls.pem", "Permission denied"),
        ("mkdir .goq; chmod 770 .goq", "others than 'alice' can change"),
        ("mkdir .goq; chmod 500 .goq", "Permission denied"),
        ("chmod 777 .", "others than 'alice' can change"),
        ("mkdir -p .goq/goqkey", "Is a directory"),
    ],
)
def test_what_the_user_has_prepared_is_told_and_leads_nowhere(
    home: Path, secret: Path, script: str, words: str
) -> None:
    """Root would follow the links; here nobody does who may more than the user."""
    as_user(home, script)
    before = files(secret)
    refused = said(home)

    assert refused.startswith(f"cannot put the token into '{home}/.goq': ")
    assert words in refused
    assert before == files(secret)
    assert KEY not in refused


@pytest.mark.parametrize("name", ["goqkey", "server", "tls.pem"])
def test_a_link_in_the_place_of_a_file_is_replaced_and_not_followed(
    home: Path, secret: Path, name: str
) -> None:
    """It leads to where a file could be made, by root."""
    as_user(home, f"mkdir -m 700 .goq; ln -s ../../root/new .goq/{name}")
    said(home)

    assert {"file"} == set(files(secret))
    assert not (home / ".goq" / name).is_symlink()


def test_the_home_of_somebody_else_is_left_alone(folder: Path, secret: Path) -> None:
    """An entry of /etc/passwd may be wrong."""
    before = files(secret)
    assert "does not belong to 'alice'" in said(secret)
    assert "No such file" in said(folder / "missing")

    assert before == files(secret)


def test_nothing_of_root_s_is_written_while_the_user_changes_links(home: Path, secret: Path) -> None:
    """Folder, link, folder, link: between a look and the writing nobody's rights grow."""
    swap = (
        "while :; do mkdir -m 700 .goq; rm -rf .goq; ln -s ../root .goq; rm -f .goq;"
        " mkdir -m 700 .goq; ln -s ../../root/new .goq/goqkey; ln -s ../../root/new .goq/server; rm -rf .goq; done"
    )
    before = files(secret)
    with subprocess.Popen(
        ["sh", "-c", swap], cwd=home, user=UID, group=UID, extra_groups=[], stderr=subprocess.DEVNULL
    ) as user:
        try:
            out, err = start(home, times=300).communicate(timeout=120)
        finally:
            user.kill()
    found = [json.loads(line)[0] for line in out.splitlines()]

    assert (300, "") == (len(found), err)
    assert any(isinstance(each, list) for each in found) or any("link" in each for each in found)
    assert before == files(secret)


def test_a_user_who_keeps_it_waiting_does_not_keep_root_waiting(home: Path) -> None:
    """A pipe that nobody writes into: its time is up, and no process is left."""
    as_user(home, "mkdir -m 700 .goq; mkfifo -m 600 .goq/goqkey")
    process = start(home, patience_s=0.5)
    out, err = process.communicate(timeout=60)

    assert "" == err
    assert "took longer than 0.5 s" in out
    assert not list(_children(process.pid))


def test_the_user_cannot_look_into_what_works_in_that_name(home: Path) -> None:
    """Its memory is a copy of root's."""
    as_user(home, "mkdir -m 700 .goq; mkfifo -m 600 .goq/goqkey")
    process = start(home, patience_s=10.0)
    child = wait_until(lambda: next(_children(process.pid), 0), "a child")
    wait_until(
        lambda: Path(f"/proc/{child}/status").read_text().count(f"Uid:\t{UID}\t{UID}\t{UID}\t{UID}\n"),
        "its rights",
    )
    ways = ("mem", "environ", "maps", "fd/0")
    looked = subprocess.run(
        [
            "sh",
            "-c",
            "for each; do head -c 1 /proc/$0/$each > /dev/null && echo $each; done",
            str(child),
            *ways,
        ],
        user=UID,
        group=UID,
        extra_groups=[],
        capture_output=True,
        text=True,
        check=False,
    )
    os.kill(child, 9)
    out, _ = process.communicate(timeout=60)

    assert "" == looked.stdout
    assert len(ways) == looked.stderr.count("Permission denied")
    assert "somebody has ended it" in out


def test_only_root_does_it(home: Path) -> None:
    """Others give the token to its user."""
    assert "only root may put a token into the home of 'alice'" in said(home, we=UID)

    assert not (home / ".goq").exists()


def test_an_account_is_found_by_its_name() -> None:
    """With all its groups; and one that is not there is told."""
    root = account_of("root")

    assert ("root", 0, 0) == (root.name, root.uid, root.gid)
    assert 0 in root.groups
    with pytest.raises(BadSetting, match="no user 'nobody-of-this-name'"):
        account_of("nobody-of-this-name")


def _children(pid: int) -> Iterator[int]:
    try:
        yield from map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
    except FileNotFoundError:
        return
