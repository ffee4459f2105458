"""The durable state: what it keeps, what it forgets, and that it shares what is equal."""

import pytest
from msgspec.structs import replace
from rig import Rig, submission

from goq.core.messages import AckSubmit
from goq.core.state import state as state_module
from goq.core.state.records import OutputReserved, OutputSaved, SubmissionRestored
from goq.core.state.state import State
from goq.core.values.ids import Argv, Environment, JobId, Nonce
from goq.core.values.job import Origin, Submission
from goq.core.values.terms import DEFAULT_TERMS


def test_the_latest_submissions_are_remembered(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Resent ones are rarely old; those that are cost a look into the journal."""
    monkeypatch.setattr(state_module, "RECENT_SUBMISSIONS", 2)
    nonces = [rig.send(submission()).nonce for _ in range(3)]

    assert nonces[1:] == list(rig.state.recent_submissions)
    assert AckSubmit(JobId(3), JobId(3)) == rig.state.recent_submissions[nonces[2]]


def test_the_jobs_that_ended_last_are_remembered(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """`goq stat` shows these."""
    monkeypatch.setattr(state_module, "RECENT_FINISHED", 2)
    rig.submit(3)
    for job in (2, 3, 1):
        rig.cancel(job)

    assert [3, 1] == list(rig.state.recent_finished)
    assert [1, 3] == [row.ended.job for row in rig.snapshot().finished]
    assert 3 == rig.snapshot().counters["cancelledJobCount"]


def test_jobs_of_one_shell_share_one_environment(rig: Rig) -> None:
    """A hundred thousand jobs must not hold a hundred thousand copies."""
    rig.submit()
    rig.submit()
    first, second = rig.waiting_jobs()

    assert first.origin is second.origin


def test_jobs_of_one_name_for_two_folders_share_nothing(rig: Rig) -> None:
    """The link was changed between two submissions, and each has its own path."""
    rig.ask(replace(submission(), physical=b"/disk1/ann"))
    rig.ask(replace(submission(), physical=b"/disk2/ann"))
    first, second = rig.waiting_jobs()

    assert [b"/disk1/ann", b"/disk2/ann"] == [first.origin.physical, second.origin.physical]


def test_jobs_of_two_scripts_of_one_name_share_nothing(rig: Rig) -> None:
    """The file was changed between two submissions, and each has its own text."""
    one, two = rig.has(b"one"), rig.has(b"two")
    rig.ask(replace(submission(), script=one))
    rig.ask(replace(submission(), script=two))
    first, second = rig.waiting_jobs()

    assert [one, two] == [first.origin.script, second.origin.script]


def test_restored_jobs_share_as_well() -> None:
    """The journal makes a new object for each job that it reads."""
    state = State()
    for number in (1, 2):
        origin = Origin(b"/home/ann", Environment(b"A=1"), "ann@host")
        what = Submission(JobId(number), 1, Nonce(b"%d" % number), Argv(b"true"), origin, DEFAULT_TERMS, 0)
        state.apply(SubmissionRestored(what))
    first, second = map(state.job, state.waiting)

    assert first.origin is second.origin


def test_where_an_output_lies_does_not_matter_here(rig: Rig) -> None:
    """The journal and the output files know; the state would only repeat it."""
    rig.submit()
    rig.state.apply(OutputReserved(JobId(1), 7))
    rig.state.apply(OutputSaved(JobId(1)))

    assert [1] == rig.waiting()
