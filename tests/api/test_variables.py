"""The environment of a job: what its submitter's shell has, what he says, and never the secret."""

import os
from pathlib import Path

import pytest

from goq.adapters import clusterid, settings
from goq.api.variables import environment_of
from goq.core.values.ids import split_environment
from goq.errors import BadCommand, BadSetting

SECRET = "5" * 40
HERE = {
    b"PATH": b"/bin",
    b"HOME": b"/h",
    b"LC_TIME": b"C",
    b"PWD": b"/x",
    b"SEED": b"1",
    b"LCD": b"no",
    b"GOQ_JOB_ID": b"7",
    b"TMPDIR": b"/tmp/goq.1/0",
    b"GOQ_JOB_NAME": b"outer",
    b"GOQ_ATTEMPT": b"2",
    b"GOQ_EXIT_STATUS": b"0",
    b"GOQ_CLUSTERID": SECRET.encode(),
}
ALL = {b"PATH", b"HOME", b"LC_TIME", b"PWD", b"SEED", b"LCD"}
BARE = {b"PATH", b"HOME", b"LC_TIME", b"PWD"}


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A shell with these variables, and a user without settings."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setattr(settings, "HOST_FILE", tmp_path / "host.toml")
    monkeypatch.setattr(clusterid, "_given_environment", lambda: dict(HERE))


def chosen(*settings: str, is_clean: bool | None = False) -> dict[bytes, bytes]:
    return split_environment(environment_of(SECRET, settings, is_clean=is_clean))


def test_who_says_nothing_gives_all_but_the_secret() -> None:
    """A job finds what its submitter's shell had; one that submits another is not taken for that one."""
    assert chosen().keys() == ALL


def test_what_is_said_counts_and_the_last_word_most() -> None:
    """As with env(1); a value may hold anything."""
    said = chosen("SEED=2", "NEW=a=b c", "EMPTY=", "SEED=3", f"ODD={os.fsdecode(b'caf' + bytes([0xE9]))}")

    assert said.keys() == ALL | {b"NEW", b"EMPTY", b"ODD"}
    assert (b"3", b"a=b c", b"", b"caf\xe9") == tuple(
        said[name] for name in (b"SEED", b"NEW", b"EMPTY", b"ODD")
    )


def test_a_clean_environment_has_what_every_job_needs() -> None:
    """And nothing that makes it run otherwise tomorrow."""
    assert chosen(is_clean=True).keys() == BARE


def test_a_name_alone_is_kept_as_it_is_here() -> None:
    """Also out of a clean environment."""
    said = chosen("SEED", "NEW=1", is_clean=True)

    assert said.keys() == BARE | {b"SEED", b"NEW"}
    assert b"1" == said[b"SEED"]


@pytest.mark.parametrize("setting", ["", "=", "=x"])
def test_a_setting_without_a_name_is_refused(setting: str) -> None:
    """No program could be given it."""
    with pytest.raises(BadCommand, match="-e takes NAME=VALUE"):
        chosen(setting)


def test_a_name_that_is_not_set_here_is_refused() -> None:
    """It was meant to be there: a job without it would fail, or worse."""
    with pytest.raises(BadCommand, match="-e NONE: not set here; -e NONE=VALUE sets it"):
        chosen("NONE")


@pytest.mark.parametrize("setting", ["GOQ_CLUSTERID", "GOQ_CLUSTERID=1", f"X=a{SECRET}b", f"{SECRET}=1"])
def test_the_secret_is_given_to_no_job(setting: str) -> None:
    """Whoever can read a job's environment could submit as its owner."""
    with pytest.raises(BadCommand, match="no job is given the cluster id or a key"):
        chosen(setting)


@pytest.mark.parametrize("setting", ["TMPDIR=/big", "TMPDIR", "GOQ_JOB_ID=7"])
def test_what_every_job_has_of_its_own_cannot_be_set(setting: str) -> None:
    """It would not be there, and nobody would know why."""
    name = setting.partition("=")[0]
    with pytest.raises(
        BadCommand, match=f"-e {name}: each job has its own; goq sub env {name}=VALUE COMMAND"
    ):
        chosen(setting)


# --- what never travels ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("never", "kept"),
    [
        ("", ALL),
        ("SEED", ALL - {b"SEED"}),
        ("*EE*", ALL - {b"SEED"}),
        ("LC_*, seed", ALL - {b"SEED", b"LC_TIME"}),
        ("SEE EED ?EE S", ALL),
        ("LC?  H[NO]ME", ALL - {b"LCD", b"HOME"}),
    ],
)
def test_what_is_never_sent_is_not(monkeypatch: pytest.MonkeyPatch, never: str, kept: set[bytes]) -> None:
    """By name and by pattern, of the whole name, in small letters as well."""
    monkeypatch.setenv("GOQ_NEVER_SEND", never)

    assert kept == chosen().keys()


def test_who_asks_for_a_variable_by_its_name_gets_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else no job could ever have it."""
    monkeypatch.setenv("GOQ_NEVER_SEND", "*")
    said = chosen("SEED", "NEW=1")

    assert {b"SEED": b"1", b"NEW": b"1"} == said
    with pytest.raises(BadCommand, match="-e NONE: not set here"):
        chosen("NONE")


def test_host_user_and_variable_add_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nobody takes away by a setting of his own what another wanted kept."""
    (tmp_path / "host.toml").write_text('never_send = ["SEED", "PWD"]\n')
    (tmp_path / "goq").mkdir()
    (tmp_path / "goq" / "config.toml").write_text('never_send = "LC_*"\n')
    monkeypatch.setenv("GOQ_NEVER_SEND", "HOME")

    assert {b"PATH", b"LCD"} == chosen().keys()


def test_a_pattern_that_is_an_assignment_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody took it for -e, and would believe that it holds."""
    monkeypatch.setenv("GOQ_NEVER_SEND", "A B=1")
    with pytest.raises(BadSetting, match="GOQ_NEVER_SEND has 'B=1'; it takes names"):
        chosen()


@pytest.mark.parametrize(
    ("host", "user", "said", "kept"),
    [
        ("true", "", None, BARE),
        ("true", "false", None, ALL),
        ("", "true", None, BARE),
        ("true", "", False, ALL),
        ("", "", True, BARE),
        ("", "", None, ALL),
    ],
)
def test_a_clean_environment_may_be_what_all_have(
    tmp_path: Path, host: str, user: str, said: bool | None, kept: set[bytes]
) -> None:
    """A host's file says so, a user's comes before it, and what is said at the submission before both."""
    (tmp_path / "goq").mkdir()
    for path, value in ((tmp_path / "host.toml", host), (tmp_path / "goq" / "config.toml", user)):
        if value:
            path.write_text(f"clean_env = {value}\n")

    assert kept == chosen(is_clean=said).keys()
