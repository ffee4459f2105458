"""The settings: their defaults, their bounds, and that a bad one is refused by its name."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from goq.adapters.config import load_config
from goq.adapters.network import own_address
from goq.adapters.wire.certificates import new_key_pair
from goq.errors import BadSetting

TESTS = str(Path(__file__).resolve().parent.parent)


@pytest.fixture(name="here", autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to be in, a home, and no settings at all."""
    for name in [name for name in os.environ if name.startswith("GOQ_")]:
        monkeypatch.delenv(name)
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return here


# --- defaults ------------------------------------------------------------------------------


def test_without_settings_all_is_as_documented(here: Path, tmp_path: Path) -> None:
    """Set up in a minute: nothing has to be set."""
    config = load_config()

    assert (own_address(), 1776) == (config.ip, config.port)
    assert tmp_path / "home" / ".goq" == config.home
    assert Path(f"/var/tmp/goq-{os.geteuid()}") == config.spool
    assert (here / "o", here / ".goq") == (config.output_folder, config.journal_folder)
    assert (1.0, 5.0, 60.0, 5.0) == (
        config.timeout_s,
        config.heartbeat_s,
        config.lease_s,
        config.kill_grace_s,
    )
    assert 0 == config.keep_s
    assert not config.debug
    assert "" == config.tls_pem


GOOD: dict[str, tuple[str, str, Any]] = {
    "GOQ_JSERV_IP": ("192.0.2.7", "ip", "192.0.2.7"),
    "GOQ_JSERV_PORT": ("65535", "port", 65535),
    "GOQ_HOME": ("/srv/goq", "home", Path("/srv/goq")),
    "GOQ_SPOOL": ("/srv/spool", "spool", Path("/srv/spool")),
    "GOQ_ODIR": ("/srv/out", "output_folder", Path("/srv/out")),
    "GOQ_JOURNAL": ("/srv/journal", "journal_folder", Path("/srv/journal")),
    "GOQ_SENDTIMEOUT_MSEC": ("250", "timeout_s", 0.25),
    "GOQ_HEARTBEAT_SEC": ("0.5", "heartbeat_s", 0.5),
    "GOQ_LEASE_SEC": ("3600", "lease_s", 3600.0),
    "GOQ_KILL_GRACE_SEC": ("0", "kill_grace_s", 0.0),
    "GOQ_KEEP_DAYS": ("1.5", "keep_s", 129_600.0),
    "GOQ_DEBUGMODE": ("true", "debug", True),
}


@pytest.mark.parametrize("name", GOOD)
def test_each_variable_sets_one_thing(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """And leaves the rest as it was."""
    value, field, wanted = GOOD[name]
    monkeypatch.setenv("GOQ_JSERV_IP", "192.0.2.1")  # or it would be a guess
    defaults = load_config()
    monkeypatch.setenv(name, value)

    assert replace(defaults, **{field: wanted}) == load_config()


@pytest.mark.parametrize("name", GOOD)
def test_an_empty_variable_is_as_none(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """`GOQ_ODIR= goq serve` is how a shell takes a setting back."""
    defaults = load_config()
    monkeypatch.setenv(name, "")

    assert defaults == load_config()


@pytest.mark.parametrize("name", ["GOQ_HOME", "GOQ_SPOOL", "GOQ_ODIR", "GOQ_JOURNAL"])
def test_a_relative_folder_is_meant_from_here(monkeypatch: pytest.MonkeyPatch, here: Path, name: str) -> None:
    """It is fixed at the start, whatever the process does later."""
    monkeypatch.setenv(name, "some/where")

    assert here / "some" / "where" == getattr(load_config(), GOOD[name][1])


@pytest.mark.parametrize(
    ("text", "wanted"),
    [(text, True) for text in ("1", "true", "True", "TRUE")]
    + [(text, False) for text in ("0", "false", "False", "FALSE")],
)
def test_the_flag_is_read_as_people_write_it(
    monkeypatch: pytest.MonkeyPatch, text: str, wanted: bool
) -> None:
    """GOQ_DEBUGMODE=false must not switch it on."""
    monkeypatch.setenv("GOQ_DEBUGMODE", text)

    assert wanted is load_config().debug


# --- bounds --------------------------------------------------------------------------------

BAD = {
    "GOQ_JSERV_IP": [
        "192.0.2",
        "192.0.2.256",
        "192.0.2.7:1776",
        " 192.0.2.7",
        "a b",
        "-head",
        "h\u00e9ad",
        "fd00::g",
        "[::1",
        "tcp://head",
    ],
    "GOQ_JSERV_PORT": ["0", "65536", "-1", "http", "1776.0", "1e3", "9" * 5000],
    "GOQ_SENDTIMEOUT_MSEC": ["0", "-5", "0.5", "soon", "3600001"],
    "GOQ_HEARTBEAT_SEC": ["0", "0.049", "-1", "nan", "inf", "often", "3601", "1e999"],
    "GOQ_LEASE_SEC": ["0", "nan", "inf", "604801", "a while"],
    "GOQ_KILL_GRACE_SEC": ["-0.1", "nan", "inf", "3601", "5 s"],
    "GOQ_KEEP_DAYS": ["-1", "nan", "inf", "36501", "a week", "30 y"],
    "GOQ_DEBUGMODE": ["yes", "on", "2", " true"],
}


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in BAD.items() for value in values]
)
def test_a_bad_value_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """Silently replaced by a default it would be looked for in vain."""
    monkeypatch.setenv(name, value)

    with pytest.raises(BadSetting, match=rf"^{name} ") as refusal:
        load_config()
    assert repr(value) in str(refusal.value)
    assert "must be" in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GOQ_JSERV_PORT", "1"),
        ("GOQ_SENDTIMEOUT_MSEC", "1"),
        ("GOQ_SENDTIMEOUT_MSEC", "3600000"),
        ("GOQ_HEARTBEAT_SEC", "0.05"),
        ("GOQ_LEASE_SEC", "604800"),
        ("GOQ_LEASE_SEC", "10"),
        ("GOQ_KILL_GRACE_SEC", "3600"),
    ],
)
def test_a_bound_belongs_to_what_is_allowed(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """The message says from where to where, and means it."""
    monkeypatch.setenv(name, value)
    load_config()


@pytest.mark.parametrize(("heartbeat", "lease"), [("31", ""), ("", "9.9"), ("5", "9")])
def test_a_lease_holds_two_heartbeats(monkeypatch: pytest.MonkeyPatch, heartbeat: str, lease: str) -> None:
    """Else one late heartbeat would take a job away from a worker that runs it."""
    monkeypatch.setenv("GOQ_HEARTBEAT_SEC", heartbeat)
    monkeypatch.setenv("GOQ_LEASE_SEC", lease)

    with pytest.raises(BadSetting, match=r"^GOQ_LEASE_SEC .* twice GOQ_HEARTBEAT_SEC"):
        load_config()


def test_a_user_without_a_home_is_told_what_to_set(here: Path) -> None:
    """In a container an account may have neither HOME nor an entry that tells it."""
    script = (
        "import os, pwd\n"
        "pwd.getpwuid = {}.__getitem__\n"
        "from goq.adapters.config import load_config\n"
        "from goq.errors import BadSetting\n"
        "try: load_config()\n"
        "except BadSetting as error: print(error)\n"
    )
    told = run_python(script, {})

    assert "GOQ_HOME" in told


# --- the address ---------------------------------------------------------------------------


def run_python(script: str, environment: dict[str, str], *prefix: str) -> str:
    """What a fresh Python says, in exactly this environment."""
    command = [*prefix, sys.executable, "-c", script]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout.strip()


def test_the_address_says_how_to_connect(monkeypatch: pytest.MonkeyPatch) -> None:
    """As nng wants it."""
    monkeypatch.setenv("GOQ_JSERV_IP", "192.0.2.7")
    monkeypatch.setenv("GOQ_JSERV_PORT", "99")

    assert "tcp://192.0.2.7:99" == load_config().address


@pytest.mark.parametrize("mode", [0o600, 0o644])
def test_a_certificate_at_home_makes_it_encrypted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int
) -> None:
    """No setting could be forgotten on one node: who has the certificate uses it. It is no secret."""
    pem = new_key_pair().certificate
    place = tmp_path / "tls.pem"
    place.write_text(pem)
    place.chmod(mode)
    monkeypatch.setenv("GOQ_HOME", str(tmp_path))
    config = load_config()

    assert config.address.startswith("tls+tcp://")
    assert pem.strip() == config.tls_pem


def test_no_client_looks_at_the_private_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands, workers and the page share GOQ_HOME with the server; what is read can be told."""
    (tmp_path / "tls-key.pem").mkdir()  # who reads that fails
    monkeypatch.setenv("GOQ_HOME", str(tmp_path))

    assert "" == load_config().tls_pem


WITH_KEY = new_key_pair()


@pytest.mark.parametrize(
    ("content", "mode", "words"),
    [
        ("no certificate", 0o600, "does not hold a certificate"),
        (WITH_KEY.certificate, 0o620, "others can change"),
        (WITH_KEY.private_key + WITH_KEY.certificate, 0o600, "holds a private key"),
        (WITH_KEY.certificate * 2, 0o600, "does not hold a certificate"),
    ],
    ids=["none", "writable", "with its key", "two"],
)
def test_a_bad_certificate_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str, mode: int, words: str
) -> None:
    """Going on without encryption would be the worst answer."""
    place = tmp_path / "tls.pem"
    place.write_text(content)
    place.chmod(mode)
    monkeypatch.setenv("GOQ_HOME", str(tmp_path))

    with pytest.raises(BadSetting, match=rf"tls\.pem.*{words}|{words}.*tls\.pem"):
        load_config()


@pytest.mark.parametrize(
    ("name", "value", "field", "expected"),
    [
        ("GOQ_LEASE_SEC", "2m", "lease_s", 120),
        ("GOQ_LEASE_SEC", "1h30m", "lease_s", 5400),
        ("GOQ_SENDTIMEOUT_MSEC", "1.5s", "timeout_s", 1.5),
        ("GOQ_SENDTIMEOUT_MSEC", "250ms", "timeout_s", 0.25),
        ("GOQ_KEEP_DAYS", "2w", "keep_s", 14 * 86400),
        ("GOQ_KEEP_DAYS", "12h", "keep_s", 43200),
    ],
)
def test_a_duration_may_have_its_unit(
    name: str, value: str, field: str, expected: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As people write it; a bare number is in the unit of the name."""
    monkeypatch.setenv(name, value)

    assert expected == getattr(load_config(), field)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GOQ_LEASE_SEC", "2x"),
        ("GOQ_SENDTIMEOUT_MSEC", "0.5ms"),
        ("GOQ_SENDTIMEOUT_MSEC", "1.5ms"),
        ("GOQ_SENDTIMEOUT_MSEC", "1.5"),
        ("GOQ_KEEP_DAYS", "200y"),
        ("GOQ_JSERV_PORT", "80s"),
        ("GOQ_CRASH_LIMIT", "5s"),
    ],
)
def test_a_unit_that_makes_no_sense_is_refused(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the variable's name, as any other."""
    monkeypatch.setenv(name, value)
    with pytest.raises(BadSetting, match=f"^{name} is "):
        load_config()
