"""The addresses that a server listens on, and what it leaves behind for those who look for it."""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from epochs import EPOCH
from msgspec.structs import replace
from ports import free_port

from goq.adapters.config import Config
from goq.adapters.network import own_address
from goq.adapters.remembered import Remembered, Served, read_remembered
from goq.adapters.wire.transport import ServerSocket
from goq.errors import AddressTaken, BadSetting
from goq.roles.server.doors import Doors

ELSEWHERE = "192.0.2.1"  # of no machine
SERVED = Served(EPOCH.queue, 1, Path("/q/.goq"), Path("/q/o"), 7, Path("/"), "head")
Make = Callable[..., Doors]


class Said:
    """What a server says, kept."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def __call__(self, text: str, event: str = "", /, **about: int | str) -> None:
        self.texts.append(f"{event}: {text} {sorted(about.items())}")


@pytest.fixture(name="said")
def _said() -> Said:
    return Said()


@pytest.fixture(name="config")
def _config(tmp_path: Path) -> Config:
    return Config(
        ip="127.0.0.1",
        port=free_port(),
        home=tmp_path,
        spool=tmp_path / "spool",
        output_folder=tmp_path / "o",
        journal_folder=tmp_path / "journal",
        timeout_s=1.0,
        heartbeat_s=5.0,
        lease_s=60.0,
        kill_grace_s=5.0,
        crash_limit=5,
        keep_s=0.0,
        debug=False,
    )


@pytest.fixture(name="make")
def _make(config: Config, said: Said) -> Iterator[Make]:
    """Doors of a server whose settings are those, but for what is told."""
    sockets = []

    def make(**changes: object) -> Doors:
        sockets.append(ServerSocket())
        return Doors(sockets[-1], replace(config, **changes), said)

    yield make
    for each in sockets:
        each.close()


def is_open(ip: str, port: int) -> bool:
    """Somebody listens there."""
    try:
        socket.create_connection((ip, port), 1.0).close()
    except OSError:
        return False
    return True


# --- where it listens --------------------------------------------------------------------------


def test_it_listens_where_it_was_told_to(make: Make, config: Config, said: Said) -> None:
    """Nowhere else: whoever names a loopback address of his own wants that one."""
    make(ip="127.0.0.2").open()

    assert is_open("127.0.0.2", config.port)
    assert not is_open("127.0.0.1", config.port)
    assert [] == said.texts


def test_a_name_is_all_its_addresses_here(make: Make, config: Config) -> None:
    """As a client may try any of them."""
    make(ip="localhost").open()

    assert is_open("127.0.0.1", config.port)


@pytest.mark.parametrize(
    ("ip", "words"),
    [
        (ELSEWHERE, f"cannot listen on tcp://{ELSEWHERE}"),
        ("no-such-host.invalid", "GOQ_JSERV_IP is 'no-such-host.invalid', which cannot be looked up"),
    ],
)
def test_what_is_not_this_machine_is_refused(make: Make, ip: str, words: str) -> None:
    """In a line that says which setting to change."""
    with pytest.raises(BadSetting, match="GOQ_JSERV_IP") as refused:
        make(ip=ip).open()

    assert words in str(refused.value)


def test_an_address_that_somebody_has_is_refused(make: Make) -> None:
    """Two servers at one address would share the workers."""
    make().open()

    with pytest.raises(AddressTaken):
        make().open()


# --- a machine whose address changes -------------------------------------------------------------


def test_a_new_address_is_listened_on_as_well(make: Make, config: Config, said: Said) -> None:
    """The old one stays: who is connected there may come back to it."""
    doors = make(ip="127.0.0.2")
    doors.open()
    doors._follow(["127.0.0.2", "127.0.0.3"])

    assert is_open("127.0.0.2", config.port)
    assert is_open("127.0.0.3", config.port)
    (told,) = said.texts
    assert f"listening on tcp://127.0.0.3:{config.port} as well" in told


def test_an_address_that_cannot_be_had_is_told_once(make: Make, said: Said) -> None:
    """It is looked at every ten seconds."""
    doors = make()
    doors.open()
    for _ in range(3):
        doors._follow([ELSEWHERE])

    (told,) = said.texts
    assert told.startswith("address trouble: ")


def test_a_name_that_cannot_be_looked_up_just_now_ends_nobody(make: Make) -> None:
    """A name server that is away for a minute is no reason to stop."""
    assert [] == make(ip="no-such-host.invalid")._look()


# --- what is left in GOQ_HOME ----------------------------------------------------------------------


def test_the_address_is_left_where_commands_find_it(make: Make, config: Config, said: Said) -> None:
    """As it was given: a name is looked up by whoever uses it."""
    make(ip="localhost").leave_address(SERVED)

    assert Remembered("localhost", config.port, served=SERVED) == read_remembered(config.home)
    assert [] == said.texts


@pytest.mark.parametrize("changes", [{"guessed": True}, {"ip": "0.0.0.0"}, {"ip": "::"}])
def test_what_nobody_has_named_is_left_as_a_guess(
    make: Make, config: Config, changes: dict[str, object]
) -> None:
    """Nobody can connect to 0.0.0.0, and a guess gives way to whatever is named."""
    make(**changes).leave_address(SERVED)

    remembered = read_remembered(config.home)
    assert remembered == Remembered(own_address(), config.port, guessed=True, served=SERVED)


def test_commands_that_ask_elsewhere_from_now_on_are_told(make: Make, config: Config, said: Said) -> None:
    """Another server's clients may share this home."""
    make().leave_address(SERVED)
    make().leave_address(SERVED)
    assert [] == said.texts
    make(ip="localhost").leave_address(SERVED)

    (told,) = said.texts
    words = f"ask localhost:{config.port} now; they asked 127.0.0.1:{config.port} before"
    assert words in told


def test_a_home_that_cannot_be_written_stops_no_server(make: Make, tmp_path: Path, said: Said) -> None:
    """Commands need the variable then, and that is said."""
    blocked = tmp_path / "file"
    blocked.touch()
    make(home=blocked / "home").leave_address(SERVED)

    (told,) = said.texts
    assert "commands need GOQ_JSERV_IP to find this server" in told


def test_a_memory_that_makes_no_sense_is_replaced(make: Make, config: Config) -> None:
    """The server knows better."""
    (config.home / "server").write_text("nonsense")
    make().leave_address(SERVED)

    assert Remembered("127.0.0.1", config.port, served=SERVED) == read_remembered(config.home)


def test_the_epoch_that_has_begun_is_noted(make: Make, config: Config, said: Said) -> None:
    """An earlier one is an old copy from then on; nothing is said of it."""
    doors = make()
    doors.leave_address(SERVED)
    doors.note_epoch(2)

    known = read_remembered(config.home)
    assert known
    assert replace(SERVED, epoch=2) == known.served
    assert [] == said.texts


def test_a_home_that_cannot_be_written_is_complained_of_once(make: Make, tmp_path: Path, said: Said) -> None:
    """The epoch is not noted there either."""
    (tmp_path / "file").touch()
    doors = make(home=tmp_path / "file" / "home")
    doors.leave_address(SERVED)
    doors.note_epoch(2)

    assert 1 == len(said.texts)
