"""The cluster id: where it is looked for, where it is kept, and that no job ever sees it."""

import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from goq.adapters.clusterid import (
    find_cluster_id,
    new_cluster_id,
    require_cluster_id,
    save_at_home,
    scrubbed_environment,
    settle_cluster_id,
    tells_secret,
)
from goq.adapters.config import Config, load_config
from goq.errors import BadSetting

IN_FILE, IN_VARIABLE, AT_HOME = "a" * 40, "b" * 40, "c" * 40


class Places:
    """The three places where an id may be."""

    def __init__(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        self.here = tmp_path / "here"
        self.home = tmp_path / "home"
        self.here.mkdir()
        monkeypatch.chdir(self.here)
        monkeypatch.setenv("GOQ_HOME", str(self.home))
        monkeypatch.delenv("GOQ_CLUSTERID", raising=False)

    @property
    def config(self) -> Config:
        """The settings as they are now."""
        return load_config()

    @property
    def file(self) -> Path:
        """The one in the folder of the server."""
        return self.here / ".goqclusterid"

    @property
    def home_file(self) -> Path:
        """The one of the user."""
        return self.home / "goqclusterid"

    def set_file(self, text: str, mode: int = 0o600) -> None:
        """Put an id into the folder."""
        self.file.write_text(text)
        self.file.chmod(mode)

    def set_variable(self, text: str) -> None:
        """Put an id into the environment."""
        self._monkeypatch.setenv("GOQ_CLUSTERID", text)

    def set_home(self, text: str, mode: int = 0o600) -> None:
        """Put an id into GOQ_HOME."""
        self.home.mkdir(exist_ok=True)
        self.home_file.write_text(text)
        self.home_file.chmod(mode)


@pytest.fixture(name="places")
def _places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Places:
    return Places(tmp_path, monkeypatch)


# --- looking for it ------------------------------------------------------------------------


def test_the_folder_s_file_comes_before_the_variable_and_that_before_home(places: Places) -> None:
    """Whoever stands in a server's folder means that server."""
    found = [find_cluster_id(places.config)]
    for put, text in (
        (places.set_home, AT_HOME),
        (places.set_variable, IN_VARIABLE),
        (places.set_file, IN_FILE),
    ):
        put(text)
        found.append(find_cluster_id(places.config))

    assert [None, AT_HOME, IN_VARIABLE, IN_FILE] == found


def test_white_space_around_an_id_does_not_count(places: Places) -> None:
    """Editors and `echo` end files with a newline."""
    places.set_file(f"  {IN_FILE}\n\n")

    assert IN_FILE == find_cluster_id(places.config)


@pytest.mark.skipif(os.geteuid() != 0, reason="not root, who alone can be somebody else")
def test_an_id_in_the_folder_that_another_may_read_alone_is_his(places: Places) -> None:
    """In the server's folder, say: whoever has a key of his own goes on with that."""
    places.set_file(IN_FILE)
    places.set_variable(IN_VARIABLE)
    config = places.config
    os.seteuid(65534)
    try:
        found = find_cluster_id(config)
    finally:
        os.seteuid(0)

    assert (IN_VARIABLE, IN_FILE) == (found, find_cluster_id(config))


@pytest.mark.parametrize("text", ["0" * 32, "F" * 40, "0123456789abcdefABCDEF" * 2, "9" * 128])
def test_an_id_is_32_to_128_hexadecimal_digits(places: Places, text: str) -> None:
    """As the variable's documentation says."""
    places.set_variable(text)

    assert text == require_cluster_id(places.config)


MALFORMED = [
    "0" * 31,
    "0" * 129,
    "g" * 40,
    "0" * 20 + " " + "0" * 20,
    "\u0660" * 40,
    "0" * 40 + "\n" + "1" * 40,
]


@pytest.mark.parametrize(
    ("place", "text"),
    [(place, text) for place in ("file", "variable", "home") for text in MALFORMED]
    + [("file", ""), ("home", "")],
)
def test_a_malformed_id_is_refused_by_its_place(places: Places, place: str, text: str) -> None:
    """Going on with another one would split the cluster; and the id itself is not shown."""
    getattr(places, f"set_{place}")(text)
    name = {"file": ".goqclusterid", "variable": "GOQ_CLUSTERID", "home": str(places.home_file)}[place]

    with pytest.raises(BadSetting, match=rf"^{re.escape(name)} does not hold a cluster id") as refusal:
        find_cluster_id(places.config)
    assert not text or text not in str(refusal.value)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o601])
@pytest.mark.parametrize("place", ["file", "home"])
def test_a_file_that_others_can_read_is_refused(places: Places, place: str, mode: int) -> None:
    """Whoever knows the id can run commands as the user; the message says how to mend it."""
    (places.set_file if place == "file" else places.set_home)(IN_FILE, mode)

    with pytest.raises(BadSetting, match=rf"others can read .*mode {mode:04o}.*chmod 600"):
        find_cluster_id(places.config)


def test_no_id_at_all_is_told_with_what_to_do(places: Places) -> None:
    """The first thing that happens on a second node."""
    with pytest.raises(
        BadSetting,
        match=r"no cluster id yet: 'goq up' starts a job server and a worker here; .* start 'goq serve' on this machine, set GOQ_CLUSTERID,",
    ):
        require_cluster_id(places.config)


# --- keeping it ----------------------------------------------------------------------------


def test_a_first_server_makes_an_id_and_keeps_it_where_commands_find_it(places: Places) -> None:
    """In its folder, and at home for commands from any other folder."""
    cluster_id, warning = settle_cluster_id(places.config)

    assert "" == warning
    assert re.fullmatch("[0-9a-f]{40}", cluster_id)
    assert [cluster_id + "\n"] * 2 == [places.file.read_text(), places.home_file.read_text()]
    assert [0o600] * 2 == [stat.S_IMODE(path.stat().st_mode) for path in (places.file, places.home_file)]
    assert 0o700 == stat.S_IMODE(places.home.stat().st_mode)


def test_a_server_that_starts_again_keeps_its_id(places: Places) -> None:
    """Its workers know no other."""
    first = settle_cluster_id(places.config)

    assert first == settle_cluster_id(places.config)


def test_the_variable_is_written_down(places: Places) -> None:
    """The next start may come from a shell without it."""
    places.set_variable(IN_VARIABLE)

    assert (IN_VARIABLE, "") == settle_cluster_id(places.config)
    assert IN_VARIABLE == places.file.read_text().strip() == places.home_file.read_text().strip()


def test_the_file_wins_over_the_variable(places: Places) -> None:
    """The folder's journal and its workers belong to the id in the file."""
    places.set_file(IN_FILE)
    places.set_variable(IN_VARIABLE)

    assert (IN_FILE, "") == settle_cluster_id(places.config)
    assert IN_FILE == places.file.read_text()


def test_another_cluster_s_id_at_home_stays_and_is_told(places: Places) -> None:
    """A user may have two clusters; commands from elsewhere go to the first."""
    places.set_file(IN_FILE)
    places.set_home(AT_HOME)
    cluster_id, warning = settle_cluster_id(places.config)

    assert IN_FILE == cluster_id
    assert f"{places.home_file} holds another cluster's id" in warning
    assert AT_HOME == places.home_file.read_text()


def test_an_id_that_is_at_home_is_not_replaced(places: Places) -> None:
    """It may be the only copy on this machine."""
    places.set_home(AT_HOME)

    assert AT_HOME == save_at_home(places.config, IN_FILE)
    assert AT_HOME == places.home_file.read_text()


def test_new_ids_differ() -> None:
    """160 random bits; the original's came from the clock."""
    ids = {new_cluster_id() for _ in range(1000)}

    assert 1000 == len(ids)
    assert all(re.fullmatch("[0-9a-f]{40}", each) for each in ids)


# --- keeping it from jobs ------------------------------------------------------------------


def test_a_job_s_environment_holds_everything_but_the_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """A job must not be able to submit jobs to a cluster that it was not told of."""
    monkeypatch.setenv("GOQ_CLUSTERID", IN_VARIABLE)
    monkeypatch.setenv("COPY_OF_IT", f"id={IN_FILE}.")
    monkeypatch.setenv(f"NAME_{IN_FILE}", "1")
    monkeypatch.setenv("HARMLESS", "1")
    monkeypatch.setitem(os.environb, b"ODD", b"\xff\xfe=\n")
    scrubbed = scrubbed_environment(IN_FILE)

    assert {b"HARMLESS": b"1", b"ODD": b"\xff\xfe=\n"}.items() <= scrubbed.items()
    assert not {b"GOQ_CLUSTERID", b"COPY_OF_IT", b"NAME_" + IN_FILE.encode()} & scrubbed.keys()
    assert all(IN_FILE.encode() not in value for value in scrubbed.values())
    assert b"PATH" in scrubbed


KEY = "user:ann:3:" + "0a" * 32


@pytest.mark.parametrize(
    ("secret", "name", "value", "tells"),
    [
        (KEY, "X", KEY, True),
        (KEY, "X", f"https://head/{'0a' * 32}?", True),
        (KEY, "X", "user:ann:3:", False),
        (IN_FILE, "X", KEY, True),
        (IN_FILE, "X", f"token {KEY} of ann's", True),
        (IN_FILE, "X", "node:n14:1:" + "F" * 64, True),
        (IN_FILE, "X", "user:ann:3:" + "0a" * 31, False),
        (IN_FILE, "X", "user:" + "0a" * 32, False),
        (IN_FILE, "GOQ_JOURNAL", "postgres://goq:word@db/goq", True),
        (IN_FILE, "GOQ_JOURNAL", "postgres://db/goq?password=word", True),
        (IN_FILE, "GOQ_JOURNAL", "/srv/goq", False),
        (IN_FILE, "MY_JOURNAL", "postgres://db/goq", False),
    ],
)
def test_what_tells_a_secret(secret: str, name: str, value: str, *, tells: bool) -> None:
    """A key in whatever it is wrapped, anybody's key, and where a journal with a password is."""
    assert tells == tells_secret(secret, name.encode(), value.encode())


@pytest.mark.parametrize("given", [{}, {"LC_CTYPE": "C"}, {"LC_ALL": "C", "LC_CTYPE": "C.UTF-8"}])
def test_a_job_s_environment_is_the_submitter_s_not_python_s(given: dict[str, str]) -> None:
    """Python sets LC_CTYPE in its own environment, where the user had set none."""
    script = "from goq.adapters.clusterid import scrubbed_environment as s; import sys; sys.stdout.write(repr(s('x' * 40)))"
    done = subprocess.run([sys.executable, "-c", script], env=given, stdout=subprocess.PIPE, check=True)

    assert repr({name.encode(): value.encode() for name, value in given.items()}).encode() == done.stdout
