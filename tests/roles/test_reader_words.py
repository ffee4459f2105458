"""Lives, failures by cause with last words, and medians: from a journal and real files of outputs."""

from pathlib import Path
from typing import Any, TypeVar

import pytest
from adapters.ledgers import delegated, finished, nonce, submitted, unstarted, write
from epochs import EPOCH
from msgspec.structs import replace

from goq.adapters.store.archive import Archive
from goq.core.dispatch.veil import HIDDEN
from goq.core.state.records import (
    Altered,
    CancelRequested,
    Held,
    JobRequeued,
    JobsSubmitted,
    OutputReserved,
    OutputSaved,
    Record,
    Released,
)
from goq.core.state.submissions import CountsAs
from goq.core.values.failures import Failures, FailuresOf, Medians, MediansOf, spread_of
from goq.core.values.happenings import Happenings, HappeningsSince
from goq.core.values.ids import Argv, JobId, WorkerId
from goq.core.values.items import Numbers
from goq.core.values.job import By, Claim
from goq.core.values.lives import LINES_BYTES, Life, LifeOf
from goq.core.values.pages import Page, Rows
from goq.core.values.queries import AnyQuery
from goq.core.values.result import Ending, Result
from goq.core.values.states import JobState
from goq.core.values.terms import After, Terms
from goq.core.values.who import ADMINISTRATOR, Role, Who
from goq.errors import JobUnknown
from goq.roles.reader.desk import Desk
from goq.roles.reader.eyes import Eyes

F = TypeVar("F")
SHA = bytes(range(32))
SECOND = 10**9
BY = By("ann", "head", 7)


class Place:
    """A journal, and a folder of outputs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "journal"
        self.outputs = folder / "o"
        self.outputs.mkdir()

    def write(self, *records: Record) -> None:
        write(self.folder, records)

    def output(self, job: int, text: bytes) -> None:
        """What is in the file of a job."""
        (self.outputs / f"out.{job:05d}").write_bytes(text)

    def life(self, job: int, *, who: Who = ADMINISTRATOR, **query: Any) -> Life:
        return self._ask(LifeOf(job, **query), Life, who)

    def failures(self, *ranges: tuple[int, int], who: Who = ADMINISTRATOR) -> Failures:
        return self._ask(FailuresOf(ranges), Failures, who)

    def happenings(self, who: Who) -> Happenings:
        return self._ask(HappeningsSince(0), Happenings, who)

    def page(self, who: Who) -> Page:
        return self._ask(Rows(by_job=True, since_s=1e12), Page, who)

    def medians(self, *ranges: tuple[int, int]) -> Medians:
        return self._ask(MediansOf(ranges), Medians)

    def _ask(self, query: AnyQuery, kind: type[F], who: Who = ADMINISTRATOR) -> F:
        archive = Archive(self.folder)
        try:
            found = Desk(archive, self.outputs).answer(query, Eyes(who))
        finally:
            archive.close()
        assert isinstance(found, kind)
        return found


@pytest.fixture(name="place")
def _place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def array(first: int, *numbers: int, terms: Terms | None = None) -> JobsSubmitted:
    """An array of these numbers."""
    record = submitted(first, len(numbers), terms=terms or Terms())
    items = Numbers(tuple((number, number, 1) for number in numbers))
    return JobsSubmitted(replace(record.submission, items=items, argv=Argv(b"run\0x"), nonce=nonce(first)))


def ran(job: int, output: bytes = b"", attempt: int = 1, **how: Any) -> list[Record]:
    """It was given to a worker, and ended; its output is in its file."""
    what = {"output": output, "output_length": len(output), "output_sha256": SHA, "started_ns": SECOND, **how}
    return [delegated(job, attempt), finished(job, attempt, **what), OutputSaved(JobId(job), attempt)]


def test_a_life_tells_of_each_attempt(place: Place) -> None:
    """One that was lost, one that is tried again, and the last."""
    claims = [Claim(EPOCH, JobId(2), number, WorkerId("node7-1")) for number in (1, 2)]
    how: dict[str, Any] = {"started_ns": SECOND, "ended_ns": 3 * SECOND, "cpu_s": 0.5, "peak_kib": 4}
    failed = Result(7, output=b"boom\n\n", output_length=6, output_sha256=SHA, host="n1", **how)
    second = JobRequeued(claims[1], "it failed", CountsAs.FAILURE, 12, failed, 13)
    place.write(
        array(1, 5, 6, terms=Terms(retries=3, name="fold")),
        delegated(2),
        JobRequeued(claims[0], "the worker is lost", CountsAs.CRASH, 11),
        delegated(2, 2),
        second,
        OutputReserved(JobId(2), len(second.output), 3),
        *ran(2, b"\none\n two \n\n", 3, exit_code=3, ended_ns=4 * SECOND, host="n2"),
    )
    place.output(2, second.output + b"\none\n two \n\n")
    life = place.life(1, item=6)

    assert ("1.6", "fold", ("run", "x")) == (life.row.shown, life.row.name, life.argv)
    assert ["requeued", "requeued", "failed"] == [each.ending for each in life.attempts]
    assert [None, 7, 3] == [each.status for each in life.attempts]
    assert ["the worker is lost", "it failed", None] == [each.text for each in life.attempts]
    assert [None, "boom", " two"] == [each.last_words for each in life.attempts]
    assert life.attempts[1].used
    assert (0.5, 4096) == (life.attempts[1].used.cpu_s, life.attempts[1].used.mem_peak_bytes)
    assert {"retries": 3, "name": "fold"} == life.terms
    assert (JobState.FAILED, 3, 3.0) == (life.row.state, life.row.status, life.row.elapsed_s)


def test_last_lines_are_those_that_are_not_empty(place: Place) -> None:
    """As many as are asked for, from the file or what is still in the journal."""
    text = b"".join(b"line %d\r\n\n" % number for number in range(20))
    place.write(
        submitted(1), delegated(1), finished(1, output=text, output_length=len(text), output_sha256=SHA)
    )

    assert ("line 18", "line 19") == place.life(1, lines=2).last_lines
    assert place.life(1, lines=0).last_lines is None


def test_words_of_ours_are_not_the_jobs(place: Place) -> None:
    """And of a long output only the end is read, whose first line is cut."""
    text = b"x" * 2 * LINES_BYTES + b"\nlast\n" + b"goq: job 1: run: exit status 3\n"
    place.write(submitted(1), *ran(1, text, exit_code=3))
    place.output(1, text)

    assert ("last",) == place.life(1, lines=5).last_lines
    assert ["last"] == [group.last_words for group in place.failures((1, 2)).groups]


def test_what_runs_has_the_last_lines_that_have_come(place: Place) -> None:
    """A job that is watched."""
    place.write(submitted(1), delegated(1))
    place.output(1, b"epoch 1\nepoch 2\n")
    life = place.life(1)

    assert (("epoch 1", "epoch 2"), 16) == (life.last_lines, life.output_length)
    assert [None] == [each.ending for each in life.attempts]


def test_environment_and_events_are_told_when_asked(place: Place) -> None:
    """Not to anybody who only looks."""
    part = ((JobId(1), JobId(3)),)
    place.write(
        submitted(1, 3),
        Held(part, BY, 5, "why"),
        Released(part, BY, 6),
        Altered(part, Terms(priority=1), BY, 7),
    )
    place.write(delegated(2), CancelRequested(JobId(2), 15, 8, BY))
    plain, full = place.life(2), place.life(2, environment=True, events=True)

    assert (None, None) == (plain.environment, plain.events)
    assert {"HOME": "/home/ann", "ODD": r"\xff\xfe"} == full.environment
    assert full.events
    assert ["held", "released", "altered", "delegated", "cancel requested"] == [
        each.kind for each in full.events
    ]
    assert ("ann", "why") == (full.events[0].by, full.events[0].text)
    assert 1 == full.terms["priority"]
    assert sorted({each.seq for each in full.events}) == [each.seq for each in full.events]


def test_who_waits_behind_a_job_is_told(place: Place) -> None:
    """While it waits."""
    after = Terms(after=(After(((JobId(1), JobId(3)),)),))
    place.write(submitted(1, 2), submitted(3, terms=after), submitted(4))

    assert [(3,), None] == [place.life(job).waiters for job in (2, 3)]


@pytest.mark.parametrize(
    "query", [{"job": 9}, {"job": 1, "item": 7}, {"job": 2, "item": 5}, {"job": 3, "item": 1}]
)
def test_a_job_that_is_not_there_is_not_told_of(place: Place, query: dict[str, Any]) -> None:
    """A number that nobody has, a task that there is not, and a job that has none."""
    place.write(array(1, 5, 6), submitted(3))

    with pytest.raises(JobUnknown):
        place.life(**query)


def test_failures_are_grouped_by_how(place: Place) -> None:
    """The largest group first; what was cancelled is none, and neither is what is tried again."""
    records: list[Record] = [array(1, *range(100, 112))]
    for job in (1, 2, 4):
        records += ran(
            job, b"start\nKilled\n", exit_code=137, cause="memory", problem="too much", host=f"n{job % 2}"
        )
        place.output(job, b"start\nKilled\n")  # and a line of ours, which are no words of the job
    records += [
        *ran(5, b"oops\n", exit_code=1),
        *ran(6, b"oops\n", exit_code=2),
        *ran(7, b"fine\n"),
        *ran(8, signal=11),
    ]
    for job in (5, 6):
        place.output(job, b"oops\n")
    records += [unstarted(9, 10, Ending.LOST, "given up"), unstarted(11)]
    place.write(*records)
    found = place.failures((1, 13))

    assert (8, 10, 2, 1) == (found.failed, found.ended, found.live, found.array)
    first, second, *others = found.groups
    assert (3, JobState.FAILED, "memory", ((1, 2), (4, 4)), ((100, 101), (103, 103))) == (
        first.count,
        first.state,
        first.cause,
        first.ids,
        first.items,
    )
    assert ("Killed", ("n0", "n1"), "too much", 137) == (
        first.last_words,
        first.hosts,
        first.problem,
        first.status,
    )
    assert (2, JobState.LOST, "given up", 255) == (second.count, second.state, second.problem, second.status)
    assert {(1, "oops"), (2, "oops"), (139, None)} == {(each.status, each.last_words) for each in others}


def test_failures_of_some_jobs_of_several_submissions(place: Place) -> None:
    """Counts are of those that are asked about."""
    place.write(array(1, 1, 2, 3), submitted(4), *ran(1, exit_code=1), *ran(2), *ran(4, exit_code=1))
    found = place.failures((2, 4), (4, 5))

    assert (1, 2, 1, None) == (found.failed, found.ended, found.live, found.array)
    assert [((4, 4),)] == [group.ids for group in found.groups]


def test_medians_are_of_what_ended_well(place: Place) -> None:
    """How long it ran and waited, and what it used."""
    records: list[Record] = [array(1, *range(5))]
    for job, (took_s, kib) in enumerate(((1, 10), (2, 0), (9, 30), (100, 999)), 1):
        how: dict[str, Any] = {"ended_ns": (1 + took_s) * SECOND, "peak_kib": kib, "cpu_s": 0.5 * took_s}
        records += ran(job, exit_code=int(took_s == 100), **how)
    place.write(*records)
    found = place.medians((1, 6))

    assert found.run_s
    assert found.mem_bytes
    assert found.cpus
    assert (3, False) == (found.jobs, found.is_sample)
    assert (1, 2, 9, 9) == (found.run_s.least, found.run_s.median, found.run_s.most_of_ten, found.run_s.most)
    assert (20 * 1024, 30 * 1024, 0.5) == (found.mem_bytes.median, found.mem_bytes.most, found.cpus.median)
    assert 3 == sum(found.run_s.bins)
    assert spread_of([]) is None


# --- for whose eyes ------------------------------------------------------------------------------


def test_what_is_said_of_jobs_is_for_who_may_read_what_they_were_given(place: Place) -> None:
    """A sentence about a folder or a program names it, wherever it stands."""
    secret = "'/home/ann/secret': not found"
    again = JobRequeued(
        Claim(EPOCH, JobId(1), 1, WorkerId("w")), f"{secret}, at n1", CountsAs.NOTHING, SECOND
    )
    place.write(
        submitted(1, 1),
        delegated(1),
        again,
        *ran(1, attempt=2, exit_code=125, problem=secret),
        Held(((JobId(1), JobId(2)),), BY, SECOND, "secret"),
    )
    ann, bob = Who(Role.USER, "ann", 1), Who(Role.USER, "bob", 1)
    looks = (
        lambda who: place.life(1, who=who, events=True),
        lambda who: place.failures((1, 2), who=who),
        place.happenings,
        place.page,
    )

    for look in looks:
        assert "secret" in str(look(ann))
        assert "secret" not in str(look(bob))
    (row,) = place.page(bob).jobs
    assert HIDDEN == row.problem
    (group,) = place.failures((1, 2), who=bob).groups
    assert HIDDEN == group.problem
