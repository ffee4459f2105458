"""What GOQ_HOME remembers of the server, and in which order a command believes whom."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from goq.adapters.config import DEFAULT_PORT, load_config
from goq.adapters.machine import host_name
from goq.adapters.network import machine_id, own_address
from goq.adapters.remembered import Remembered, Served, parse_address, read_remembered, remember
from goq.core.values.ids import QueueId
from goq.errors import BadSetting

HEAD = Remembered("head", 1999)


@pytest.fixture(name="home", autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A GOQ_HOME, and no other setting."""
    for name in [name for name in os.environ if name.startswith("GOQ_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GOQ_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


hosts = st.sampled_from(["head", "head.example", "192.0.2.7", "::1", "fe80::1%eth0"])


paths = st.sampled_from([Path("/"), Path("/srv/q/.goq"), Path(os.fsdecode(b"/a b/\xff\n%41"))])
number = st.integers(0, 2**63 - 1)
queues = st.binary(min_size=16, max_size=16).map(QueueId)
served = st.none() | st.builds(
    Served, queues, number, paths, paths, number, paths, st.sampled_from(["head", "h\xe9"])
)


@given(
    server=st.builds(
        Remembered,
        hosts,
        st.integers(1, 65535),
        st.booleans(),
        st.sampled_from(["", "boot:4"]),
        served,
        st.just(()),
        queues | st.just(QueueId(b"")),
    )
)
def test_what_is_remembered_is_read_again(
    tmp_path_factory: pytest.TempPathFactory, server: Remembered
) -> None:
    """By every command that comes."""
    home = tmp_path_factory.mktemp("remembered") / "home"
    remember(home, server)

    assert server == read_remembered(home)
    assert 0o600 == (home / "server").stat().st_mode & 0o777


def test_a_new_home_remembers_nothing(home: Path) -> None:
    """Nor does looking make one."""
    assert read_remembered(home) is None
    assert not home.exists()


@pytest.mark.parametrize(
    "text", ["", "head", ":1", "head:", "head:0", "head:65536", "head:x", "::1:1776x", "head:\u0661"]
)
def test_what_is_no_address_is_refused(text: str) -> None:
    """Host and port, nothing less."""
    with pytest.raises(ValueError, match=r"^no "):
        parse_address(text)


def test_what_later_versions_write_is_passed_over(home: Path) -> None:
    """A home may be shared by machines with goq of different ages."""
    remember(home, HEAD)
    with (home / "server").open("a") as file:
        file.write("colour red\n\n")

    assert HEAD == read_remembered(home)


# --- in which order it is believed -----------------------------------------------------------


def place() -> tuple[str, int, bool, bool]:
    config = load_config()
    return config.ip, config.port, config.guessed, config.near


def test_without_anything_it_is_a_guess() -> None:
    """And known as one."""
    assert (own_address(), DEFAULT_PORT, True, False) == place()


def test_a_guess_alone_is_named_where_nobody_is_found(home: Path) -> None:
    """It is likely to be the reason."""
    hint = load_config().hint
    remember(home, HEAD)

    assert "GOQ_JSERV_IP is not set" in hint
    assert "" == load_config().hint


def test_what_is_remembered_comes_before_a_guess(home: Path) -> None:
    """Host and port."""
    remember(home, HEAD)

    assert ("head", 1999, False, False) == place()


@pytest.mark.parametrize(
    ("variables", "wanted"),
    [
        ({"GOQ_JSERV_IP": "other"}, ("other", DEFAULT_PORT)),
        ({"GOQ_JSERV_PORT": "7"}, ("head", 7)),
        ({"GOQ_JSERV_IP": "HEAD"}, ("head", 1999)),
        ({"GOQ_JSERV_IP": "other", "GOQ_JSERV_PORT": "7"}, ("other", 7)),
    ],
)
def test_a_variable_comes_before_what_is_remembered(
    home: Path, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], wanted: tuple[str, int]
) -> None:
    """The remembered port belongs to the remembered host, and to no other."""
    remember(home, HEAD)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert (*wanted, False, False) == place()


@pytest.mark.parametrize("by_variable", [True, False])
def test_what_is_near_is_reached_by_the_loopback(
    home: Path, monkeypatch: pytest.MonkeyPatch, by_variable: bool
) -> None:
    """The server here listens on 127.0.0.1 too, and says so; but people are shown its address."""
    remember(home, replace(HEAD, machine=machine_id()))
    if by_variable:
        monkeypatch.setenv("GOQ_JSERV_IP", "head")
    config = load_config()

    assert ("tcp://head:1999", "tcp://127.0.0.1:1999") == (config.address, config.way.address)


@pytest.mark.parametrize(
    ("machine", "port"), [("another-boot:4026531840", "1999"), ("", "1999"), (machine_id(), "2000")]
)
def test_what_is_not_near_is_reached_by_its_address(
    home: Path, monkeypatch: pytest.MonkeyPatch, machine: str, port: str
) -> None:
    """Another machine's loopback, or another port, says nothing."""
    remember(home, replace(HEAD, machine=machine))
    monkeypatch.setenv("GOQ_JSERV_PORT", port)
    config = load_config()

    assert config.address == config.way.address


def test_a_server_that_guessed_guesses_anew(home: Path) -> None:
    """Its machine may have another address since; the port was no guess."""
    remember(home, Remembered("192.0.2.99", 1999, guessed=True))
    config = load_config(serving=True)

    assert (own_address(), 1999, True) == (config.ip, config.port, config.guessed)
    assert "192.0.2.99" == load_config().ip


def test_a_server_that_was_told_does_not_guess(home: Path) -> None:
    """Its nodes know it by that name."""
    remember(home, HEAD)
    config = load_config(serving=True)

    assert ("head", 1999, False) == (config.ip, config.port, config.guessed)


def test_nonsense_is_refused_by_its_place(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unless it is not needed."""
    home.mkdir()
    (home / "server").write_text("address nowhere\n")
    with pytest.raises(BadSetting, match=f"^{home}/server does not name a server"):
        load_config()
    monkeypatch.setenv("GOQ_JSERV_IP", "head")

    assert ("head", DEFAULT_PORT, False, False) == place()


@pytest.mark.parametrize("line", ["queue xyz 1", "queue 00", "journal x /srv", "host"])
def test_nonsense_about_the_queue_is_passed_over(home: Path, line: str) -> None:
    """The address is what counts."""
    where = Served(QueueId(bytes(16)), 1, Path("/srv/q/.goq"), Path("/srv/q/o"), 5, Path("/"), "head")
    remember(home, replace(HEAD, served=where))
    path = home / "server"
    kept = [each for each in path.read_text().splitlines() if each.split()[0] != line.split(maxsplit=1)[0]]
    path.write_text("\n".join([*kept, *([line] if line != "host" else [])]) + "\n")

    assert replace(HEAD, served=None) == read_remembered(home)


# --- where the journal is, for whoever reads it ------------------------------------------------------


@pytest.fixture(name="place")
def _place(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Served:
    """A server's folder with a journal, and GOQ_HOME that remembers it; we are elsewhere."""
    away, folder = tmp_path / "away", tmp_path / "q" / ".goq"
    away.mkdir()
    folder.mkdir(parents=True)
    (folder / "journal.sqlite").touch()
    monkeypatch.chdir(away)
    place = Served(QueueId(bytes(16)), 1, folder, tmp_path / "q" / "o", 5, Path("/"), host_name())
    remember(home, replace(HEAD, served=place))
    return place


def folders(*, reading: bool = True) -> tuple[Path, Path]:
    config = load_config(reading=reading)
    return config.journal_folder, config.output_folder


def test_who_reads_the_journal_finds_it_by_what_is_remembered(
    place: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the outputs, unless a variable names these; a server looks nowhere but here."""
    away = Path.cwd()

    assert (place.folder, place.outputs) == folders()
    assert (away / ".goq", away / "o") == folders(reading=False)
    monkeypatch.setenv("GOQ_ODIR", "there")
    assert (place.folder, away / "there") == folders()


def test_what_is_here_or_named_comes_first(place: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is in a server's folder means that one."""
    here = Path.cwd()
    monkeypatch.setenv("GOQ_JOURNAL", "named")
    assert (here / "named", here / "o") == folders()
    monkeypatch.delenv("GOQ_JOURNAL")
    (here / ".goq").mkdir()
    (here / ".goq" / "journal.sqlite").touch()

    assert (here / ".goq", here / "o") == folders() != (place.folder, place.outputs)


def test_who_cannot_read_the_journal_hears_where_it_is(home: Path, place: Served) -> None:
    """On another host, on a disk that is not there, or at an address."""
    remember(home, replace(HEAD, served=replace(place, host="another")))
    with pytest.raises(BadSetting, match=f"it is on another, in {place.folder}"):
        folders()
    remember(home, replace(HEAD, served=replace(place, folder=Path("/gone/.goq"))))
    with pytest.raises(BadSetting, match=r"nor in /gone/.goq.* mounted"):
        folders()
    remember(home, HEAD)
    with pytest.raises(BadSetting, match="the server is at head:1999"):
        folders()
