"""The environment of a job: what its submitter's shell has, what he says, and never the secret."""

import os

import pytest

from goq.adapters import clusterid
from goq.api.variables import environment_of
from goq.core.values.ids import split_environment
from goq.errors import BadCommand

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
def _here(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shell with these variables."""
    monkeypatch.setattr(clusterid, "_given_environment", lambda: dict(HERE))


def chosen(*settings: str, is_clean: bool = False) -> dict[bytes, bytes]:
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
    with pytest.raises(BadCommand, match="no job is given the cluster id"):
        chosen(setting)


@pytest.mark.parametrize("setting", ["TMPDIR=/big", "TMPDIR", "GOQ_JOB_ID=7"])
def test_what_every_job_has_of_its_own_cannot_be_set(setting: str) -> None:
    """It would not be there, and nobody would know why."""
    name = setting.partition("=")[0]
    with pytest.raises(
        BadCommand, match=f"-e {name}: each job has its own; goq sub env {name}=VALUE COMMAND"
    ):
        chosen(setting)
