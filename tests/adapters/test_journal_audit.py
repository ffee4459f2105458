"""The audit: a true journal holds, and each law sees the journal that breaks it."""

import hashlib
import json
import os
import sqlite3
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner
from epochs import EPOCH
from msgspec.structs import replace
from submissions import submitted_of

from goq.adapters.files.output_audit import check_outputs
from goq.adapters.store.audit import Proof, back_up, life_of, prove
from goq.adapters.store.file import standing
from goq.adapters.store.journal import Journal
from goq.commands import audit, backup, history
from goq.core.state.records import (
    CancelRequested,
    Checkpoint,
    JobDelegated,
    JobFinished,
    JobRequeued,
    JobsSubmitted,
    OutputReserved,
    OutputSaved,
    QueueRestored,
    RangeEnded,
    Record,
    ResultRefused,
    StrayEnded,
)
from goq.core.state.submissions import CountsAs
from goq.core.values.ids import Environment, Epoch, JobId, Nonce, WorkerId
from goq.core.values.job import By, Claim, Origin, Worker
from goq.core.values.result import ERR, OUT, SIGKILL, Apart, Ended, Ending, Result
from goq.core.values.terms import Terms
from goq.errors import JobUnknown, JournalError

WORKER = Worker(WorkerId("node7-1"), "node7", 4711)
ORIGIN = Origin(b"/home/ann", Environment(b"HOME=/home/ann"), "ann@head")
ANN = By("ann", "head", 815)
OUTPUT = b"result 42\n"
SHA256 = hashlib.sha256(OUTPUT).digest()
RESULT = Result(0, 0, "", "node7", 4712, 5, 9, 0.5, 1024, OUTPUT, len(OUTPUT), SHA256)


def claim(job: int, attempt: int) -> Claim:
    return Claim(EPOCH, JobId(job), attempt, WORKER.id)


def submitted(first: int, count: int, terms: Terms | None = None) -> JobsSubmitted:
    commands = tuple(b"run\0%d" % job for job in range(first, first + count))
    return submitted_of(first, Nonce(b"%016d" % first), commands, ORIGIN, terms or Terms(), first)


def delegated(job: int, attempt: int) -> JobDelegated:
    return JobDelegated(claim(job, attempt), WORKER, 100 + job)


def ended(job: int, attempt: int, ending: Ending, result: Result) -> JobFinished:
    return JobFinished(Ended(JobId(job), attempt, ending, result), 300 + job)


# Jobs 1 and 2 finished, 2 behind what its file held and by its second attempt; 3 cancelled before
# it ran, 4 while it ran, 5 lost; 6 runs, 7 is being killed, 8 waits; 9 finished, not written yet.
STORY: list[Record] = [
    submitted(1, 4),
    submitted(5, 1, Terms(requeue=False)),
    submitted(6, 4),
    OutputReserved(JobId(2), 4),
    delegated(1, 1),
    ended(1, 1, Ending.FINISHED, RESULT),
    delegated(2, 1),
    JobRequeued(claim(2, 1), "worker lost", CountsAs.CRASH, 200),
    delegated(2, 2),
    ResultRefused(claim(2, 1), 0, 201),
    ended(2, 2, Ending.FINISHED, RESULT),
    ResultRefused(claim(2, 1), 0, 202),
    RangeEnded(((JobId(3), JobId(4)),), Ending.CANCELLED, "", 303, ANN),
    delegated(4, 1),
    CancelRequested(JobId(4), SIGKILL, 203, ANN),
    ended(4, 1, Ending.CANCELLED, RESULT),
    delegated(5, 1),
    ended(5, 1, Ending.LOST, Result(problem="worker lost", signal=SIGKILL)),
    delegated(6, 1),
    delegated(7, 1),
    CancelRequested(JobId(7), SIGKILL, 204),
    delegated(9, 1),
    ended(9, 1, Ending.FINISHED, RESULT),
    *(OutputSaved(JobId(job), attempt) for job, attempt in ((1, 1), (2, 2), (4, 1))),
]


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    """A journal with a bit of everything, and the outputs that it tells of."""
    folder = tmp_path / ".goq"
    journal = Journal(folder)
    journal.commit(STORY)
    journal.close()
    outputs = tmp_path / "o"
    outputs.mkdir()
    for job, before in ((1, b""), (2, b"old\n"), (4, b"")):
        (outputs / f"out.{job:05d}").write_bytes(before + OUTPUT)
    return folder


def edit(folder: Path, sql: str) -> None:
    db = sqlite3.connect(folder / "journal.sqlite")
    db.executescript(sql)
    db.close()


def broken(proof: Proof) -> set[tuple[str, int]]:
    return {(violation.law, violation.job) for violation in proof.violations}


def test_a_true_journal_holds(folder: Path) -> None:
    """An audit that cries wolf is switched off."""
    proof = prove(folder)

    assert [] == proof.violations
    assert [] == check_outputs(folder.parent / "o", proof.outputs)
    assert [1, 2, 4] == [expected.job for expected in proof.outputs]
    assert {"jobs": 9, "waiting": 1, "running": 2, "finished": 3, "cancelled": 2, "lost": 1}.items() <= (
        proof.counts.items()
    )


def test_an_empty_journal_holds(tmp_path: Path) -> None:
    """A new server has nothing to be ashamed of."""
    Journal(tmp_path / ".goq").close()

    assert [] == prove(tmp_path / ".goq").violations


EVENT = "INSERT INTO event (epoch, job, next, kind, attempt, worker, host, pid, at_ns, by, reason) VALUES "


LIVE = "INSERT INTO live VALUES "
RESULT_AGAIN = (
    "INSERT INTO result SELECT 99, job, epoch, 1, ending, exit_code, signal, problem, host, pid, started_ns,"
    " ended_ns, cpu_s, peak_kib, 0, x'', '', NULL FROM result WHERE job = 2"
)


@pytest.mark.parametrize(
    ("law", "job", "sql"),
    [
        ("missing job", 8, "DELETE FROM item WHERE first = 6"),
        ("missing job", 4, "UPDATE item SET count = 3 WHERE first = 1"),
        ("missing job", 10, "UPDATE submission SET count = 5, here = 5 WHERE first = 6"),
        ("half a list", 6, "UPDATE submission SET count = 5 WHERE first = 6"),
        ("half a list", 1, "UPDATE submission SET here = 3 WHERE first = 1"),
        ("half a list", 2, "UPDATE submission SET here = 3 WHERE first = 1"),
        ("half a list", 5, "UPDATE submission SET here = 2 WHERE first = 5"),
        ("stray job", 17, LIVE + "(17, 1, 1, 0, 0, 0, 0, 0, 'w', 'h', 1, 0, 9, 0, '')"),
        ("stray job", 10, "INSERT INTO item VALUES (10, 1, x'91')"),
        ("stray job", 1, "DELETE FROM submission WHERE first = 1"),
        ("stray job", 3, "UPDATE ended SET next = 12 WHERE first = 3"),
        ("open jobs", 1, "UPDATE submission SET open = 1 WHERE first = 1"),
        ("open jobs", 6, "UPDATE submission SET open = 2 WHERE first = 6"),
        ("open jobs", 1, "DELETE FROM ended"),
        ("open jobs", 5, "UPDATE ended SET next = 6 WHERE first = 3"),
        ("two final states", 4, "UPDATE ended SET next = 5 WHERE first = 3"),
        ("two final states", 2, RESULT_AGAIN),
        (
            "two final states",
            4,
            "UPDATE ended SET next = 5; INSERT INTO ended VALUES (4, 5, 99, 'lost', 0, 0, '')",
        ),
        ("job of two submissions", 5, "UPDATE submission SET count = 5 WHERE first = 1"),
        ("no final state", 1, "DELETE FROM result WHERE job = 1"),
        ("no final state", 3, "DELETE FROM ended"),
        ("live job with a result", 1, LIVE + "(1, 1, 1, 0, 0, 0, 0, 0, '', '', 0, 0, 9, 0, '')"),
        ("live job with a result", 3, LIVE + "(3, 0, 0, 0, 0, 0, 0, 0, '', '', 0, 0, 9, 0, '')"),
        ("attempt number", 6, "UPDATE event SET attempt = 2 WHERE job = 6"),
        ("attempt number", 8, LIVE + "(8, 0, 3, 0, 0, 0, 0, 0, '', '', 0, 0, 9, 0, '')"),
        ("attempt number", 6, "UPDATE live SET attempt = 2 WHERE job = 6"),
        ("attempt number", 2, "UPDATE event SET attempt = 1 WHERE job = 2 AND kind = 'delegated'"),
        ("overlapping attempts", 2, "DELETE FROM event WHERE job = 2 AND kind = 'requeued'"),
        ("double start", 6, EVENT + "(2, 6, 7, 'delegated', 1, 'v', 'h', 1, 9, '', '')"),
        (
            "double start",
            6,
            EVENT
            + "(1, 6, 7, 'requeued', 1, 'w', 'h', 1, 9, '', '');"
            + EVENT
            + "(2, 6, 7, 'delegated', 1, 'v', 'h', 1, 9, '', '')",
        ),
        ("epoch that goes back", 7, "UPDATE event SET epoch = 5 WHERE job = 6"),
        ("attempt of nobody", 6, EVENT + "(1, 6, 7, 'result refused', 1, 'v', 'h', 1, 9, '', '')"),
        ("attempt of nobody", 6, EVENT + "(2, 6, 7, 'result refused', 1, 'w', 'h', 1, 9, '', '')"),
        ("attempt of nobody", 8, EVENT + "(1, 8, 9, 'result refused', 1, 'w', 'h', 1, 9, '', '')"),
        ("job of two submissions", 5, "INSERT INTO skipped VALUES (2, 9, 3, '')"),
        ("missing submission", 10, "INSERT INTO skipped VALUES (20, 30, 3, '')"),
        ("event after the end", 1, EVENT + "(1, 1, 2, 'delegated', 2, 'w', 'h', 1, 9, '', '')"),
        ("event after the end", 1, EVENT + "(1, 1, 2, 'finished', 1, 'w', 'h', 1, 9, '', '')"),
        ("event after the end", 3, EVENT + "(1, 3, 4, 'requeued', 1, 'w', 'h', 1, 9, '', '')"),
        ("event after the end", 4, EVENT + "(1, 4, 5, 'cancel requested', 0, '', '', 0, 9, '', '15')"),
        ("event after the end", 5, EVENT + "(1, 5, 6, 'delegated', 2, 'w', 'h', 1, 9, '', '')"),
        ("requeued without an attempt", 8, EVENT + "(1, 8, 9, 'requeued', 1, 'w', 'h', 1, 9, '', '')"),
        ("requeued without an attempt", 6, EVENT + "(1, 6, 7, 'requeued', 2, 'w', 'h', 1, 9, '', '')"),
        ("result of a wrong attempt", 2, "UPDATE result SET attempt = 1 WHERE job = 2"),
        ("result of a wrong attempt", 2, "UPDATE event SET attempt = 1 WHERE job = 2 AND kind = 'finished'"),
        ("result of a wrong attempt", 1, "DELETE FROM event WHERE job = 1 AND kind = 'delegated'"),
        ("result of a wrong attempt", 3, "UPDATE event SET kind = 'lost' WHERE job = 3"),
        ("result of a wrong attempt", 1, "UPDATE event SET attempt = 0 WHERE job = 1 AND kind = 'finished'"),
        ("result of a wrong attempt", 3, "UPDATE event SET reason = 'x' WHERE job = 3"),
        ("result of a wrong attempt", 3, "UPDATE ended SET ending = 'finished'"),
        (
            "result of a wrong attempt",
            3,
            "UPDATE event SET kind = 'finished' WHERE job = 3; UPDATE ended SET ending = 'finished'",
        ),
        ("event after the end", 4, EVENT + "(1, 2, 5, 'cancelled', 0, '', '', 0, 9, '', '')"),
        ("event after the end", 1, "UPDATE event SET next = 5, job = 1 WHERE job = 3"),
        ("retries", 6, "UPDATE live SET failures = 1 WHERE job = 6"),
        ("retries", 6, "UPDATE live SET reruns = 1 WHERE job = 6"),
        ("state against events", 8, LIVE + "(8, 1, 0, 0, 0, 0, 0, 0, 'w', 'h', 1, 0, 9, 0, '')"),
        ("state against events", 6, "UPDATE live SET worker = '' WHERE job = 6"),
        ("state against events", 6, "UPDATE live SET epoch = 7 WHERE job = 6"),
        ("state against events", 6, "DELETE FROM live WHERE job = 6"),
        ("result of a wrong attempt", 1, "DELETE FROM event WHERE job = 1"),
    ],
)
def test_a_journal_that_breaks_a_law_is_refuted(folder: Path, law: str, job: int, sql: str) -> None:
    """A law that sees nothing proves nothing."""
    edit(folder, sql)

    assert (law, job) in broken(prove(folder))


def retried(folder: Path) -> None:
    """Job 10 has failed, and is to be tried again."""
    journal = Journal(folder)
    story: list[Record] = [submitted(10, 1, Terms(retries=1)), delegated(10, 1)]
    failed = JobRequeued(claim(10, 1), "exit status 1", CountsAs.FAILURE, 205, RESULT, 206)
    journal.commit([*story, failed, OutputReserved(JobId(10), failed.output_length, 2)])
    (folder.parent / "o" / "out.00010").write_bytes(failed.output)
    journal.commit([OutputSaved(JobId(10))])
    journal.close()


def test_a_job_that_is_tried_again_holds(folder: Path) -> None:
    """Also what its first attempt wrote."""
    retried(folder)
    proof = prove(folder)

    assert [] == proof.violations
    assert [] == check_outputs(folder.parent / "o", proof.outputs)
    assert [1, 2, 4, 10] == [expected.job for expected in proof.outputs]


@pytest.mark.parametrize(
    ("law", "sql"),
    [
        ("retries", "UPDATE live SET failures = 2 WHERE job = 10"),
        ("retries", "DELETE FROM result WHERE job = 10"),
        ("retries", "UPDATE submission SET terms = NULL WHERE first = 10"),
        ("result of a wrong attempt", "UPDATE result SET attempt = 3 WHERE job = 10"),
    ],
)
def test_retries_that_break_a_law_are_refuted(folder: Path, law: str, sql: str) -> None:
    """Nobody was to try it so often, or it never failed."""
    retried(folder)
    edit(folder, sql)

    assert (law, 10) in broken(prove(folder))


@pytest.mark.parametrize(
    ("law", "content"),
    [
        ("missing output", None),
        ("wrong output", b""),
        ("wrong output", b"old\n" + OUTPUT[:-1]),
        ("wrong output", OUTPUT + b"old\n"),
        ("wrong output", b"old\n" + OUTPUT.replace(b"2", b"3")),
    ],
)
def test_an_output_that_is_not_as_recorded_is_found(folder: Path, law: str, content: bytes | None) -> None:
    """Output gone is what people complain of most."""
    file = folder.parent / "o" / "out.00002"
    file.unlink()
    if content is not None:
        file.write_bytes(content)
    found = check_outputs(folder.parent / "o", prove(folder).outputs)

    assert [(law, 2)] == [(violation.law, violation.job) for violation in found]


def test_what_stands_behind_an_output_does_not_matter(folder: Path) -> None:
    """A user may add to the file."""
    with (folder.parent / "o" / "out.00002").open("ab") as file:
        file.write(b"note\n")

    assert [] == check_outputs(folder.parent / "o", prove(folder).outputs)


def test_a_journal_in_use_is_read_as_it_is(folder: Path) -> None:
    """Nobody stops a server for an audit."""
    journal = Journal(folder)
    journal.commit([submitted(10, 1)])
    proof = prove(folder)
    journal.commit([submitted(11, 1)])
    journal.close()

    assert [] == proof.violations
    assert 10 == proof.counts["jobs"]


def test_a_journal_of_another_version_is_refused(folder: Path) -> None:
    """Its tables may mean something else."""
    edit(folder, "PRAGMA user_version = 99")

    with pytest.raises(JournalError, match=r"version 99.*upgrade goq"):
        prove(folder)


@pytest.mark.parametrize("content", [b"", b"not a database, but as long as a header of one would be" * 9])
def test_what_is_no_journal_is_refused(folder: Path, content: bytes) -> None:
    """In words, not by a traceback."""
    (folder / "journal.sqlite").write_bytes(content)

    with pytest.raises(JournalError, match=r"journal\.sqlite"):
        prove(folder)


def test_a_folder_without_a_journal_is_named(tmp_path: Path) -> None:
    """The usual mistake is the wrong folder; and none is made there."""
    with pytest.raises(JournalError, match="no journal in"):
        prove(tmp_path / "nowhere")

    assert not (tmp_path / "nowhere").exists()


# --- the commands --------------------------------------------------------------------------


@pytest.fixture(name="here")
def _here(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith("GOQ_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GOQ_HOME", str(folder.parent / "home"))
    monkeypatch.chdir(folder.parent)
    return folder.parent


def run(command: object, *words: str) -> tuple[object, str]:
    as_goq_does = {"standalone_mode": False, "help_option_names": ["-h", "--help"]}
    ended = CliRunner().invoke(command, list(words), **as_goq_does)  # type: ignore[arg-type]  # any command
    return ended.exception or ended.return_value, ended.output


def test_goq_audit_says_that_all_holds(here: Path) -> None:
    """Exit 0 only then."""
    code, said = run(audit.command)

    assert 0 == code
    assert "9 jobs\n" in said
    assert said.endswith("the journal holds\n")


def test_goq_audit_names_who_breaks_a_law(here: Path) -> None:
    """Twenty of a kind are enough for a screen."""
    edit(here / ".goq", "UPDATE submission SET count = 40, here = 40 WHERE first = 6")
    (here / "o" / "out.00001").unlink()
    code, said = run(audit.command)

    assert 1 == code
    assert "missing output: job 1 " in said
    assert 20 == said.count("missing job: job ")
    assert "missing job: and 16 more" in said


def test_goq_audit_can_leave_the_outputs_out(here: Path) -> None:
    """Whoever has moved the outputs still wants the rest."""
    (here / "o" / "out.00001").unlink()

    assert 0 == run(audit.command, "--no-outputs")[0]


def test_goq_audit_speaks_json(here: Path) -> None:
    """For a nightly script."""
    edit(here / ".goq", "UPDATE item SET count = 3 WHERE first = 6")
    code, said = run(audit.command, "--json")
    report = json.loads(said)

    assert 1 == code
    assert not report["holds"]
    assert [{"law": "missing job", "job": 9, "how": "was submitted and its command is not there"}] == report[
        "violations"
    ]


def test_goq_history_tells_a_life(here: Path) -> None:
    """Who, what, when, where, why."""
    lines = run(history.command, "2")[1].splitlines()

    assert "job 2: run 2" == lines[0]
    assert "submitted by ann@head" in lines[2]
    assert ["delegated", "requeued", "delegated", "result refused", "finished", "result refused"] == [
        line.split(" attempt")[0].split(" ", 2)[2] for line in lines[3:9]
    ]
    assert lines[3].endswith("delegated attempt 1 worker node7-1 at node7:4711")
    assert lines[4].endswith("(worker lost)")
    assert "result: finished, exit status 0" in lines[9]
    assert f"{len(OUTPUT)} bytes" in lines[10]
    assert SHA256.hex() in lines[10]


@pytest.mark.parametrize(
    ("job", "last"),
    [
        (3, "output: none was kept"),
        (5, "output: none was kept"),
        (6, "it is running"),
        (7, "it is being cancelled"),
        (8, "it is waiting"),
    ],
)
def test_goq_history_tells_of_every_state(here: Path, job: int, last: str) -> None:
    """Also of what has not ended, or never began."""
    assert last == run(history.command, str(job))[1].splitlines()[-1]


@pytest.mark.parametrize(
    ("job", "line"),
    [(3, "cancelled by ann at head:815"), (4, "cancel requested by ann at head:815 (signal 9)")],
)
def test_goq_history_tells_who_did_it(here: Path, job: int, line: str) -> None:
    """Of two people who share a queue each wants to know whether it was the other one."""
    assert line in run(history.command, str(job))[1]


def test_goq_history_knows_no_other_job(folder: Path) -> None:
    """A typo is not an empty life."""
    with pytest.raises(JobUnknown, match="no job 77"):
        life_of(folder, JobId(77))


def test_a_backup_is_the_journal_as_it_is(here: Path) -> None:
    """A copy of a live journal that a server can start from."""
    journal = Journal(here / ".goq")
    journal.commit([submitted(10, 1)])
    code, said = run(backup.command, "copy.sqlite")
    journal.close()
    other = here / "other"
    other.mkdir(mode=0o700)
    (here / "copy.sqlite").rename(other / "journal.sqlite")

    assert None is code
    assert "copied the journal" in said
    assert 0o600 == stat.S_IMODE((other / "journal.sqlite").stat().st_mode)
    assert prove(here / ".goq") == prove(other)
    assert [False, True] == [found.is_backup for each in (here / ".goq", other) if (found := standing(each))]
    assert {".goq", "o", "other"} == {path.name for path in here.iterdir()}
    Journal(other).close()


def test_a_backup_replaces_nothing(folder: Path) -> None:
    """The last good copy must not be lost to a slip."""
    target = folder.parent / "copy"
    target.write_text("precious")

    with pytest.raises(JournalError, match="exists"):
        back_up(folder, target)
    assert "precious" == target.read_text()
    assert {".goq", "o", "copy"} == {path.name for path in folder.parent.iterdir()}


def test_a_backup_to_nowhere_is_an_error(folder: Path) -> None:
    """In one line."""
    with pytest.raises(JournalError, match="cannot write"):
        back_up(folder, folder / "gone" / "copy")


def test_a_journal_that_goes_on_with_a_copy_holds(folder: Path) -> None:
    """Numbers that were left out are missing from nowhere, and strays are told apart."""
    journal = Journal(folder)
    later = Epoch(EPOCH.queue, 1_000_001)
    stray = Claim(EPOCH, JobId(12), 1, WORKER.id)
    lost = Result(problem="may have been started", signal=SIGKILL)
    journal.commit(
        [
            QueueRestored(later, JobId(10), JobId(1_000_010), 400),
            ended(8, 0, Ending.LOST, lost),
            submitted(1_000_010, 1),
            JobDelegated(Claim(later, JobId(1_000_010), 1, WORKER.id), WORKER, 401),
            StrayEnded(stray, RESULT, 402),
            StrayEnded(stray, RESULT, 403),
        ]
    )
    (checkpoint, *_) = journal.replay()
    journal.close()
    proof = prove(folder)

    assert [] == proof.violations
    assert [(12, 1, 1)] == [(each.job, each.epoch, each.attempt) for each in proof.strays]
    assert isinstance(checkpoint, Checkpoint)
    assert (1_000_011, 1_000_001) == (checkpoint.next_job, checkpoint.restored)
    assert later.number == checkpoint.epoch.number
    assert 1_000_000 == proof.counts["skipped numbers"]


def test_who_goes_on_with_a_backup_makes_it_a_journal(here: Path) -> None:
    """It is gone back to once."""
    other = here / "other"
    other.mkdir(mode=0o700)
    back_up(here / ".goq", other / "journal.sqlite")
    journal = Journal(other)
    journal.commit([QueueRestored(Epoch(EPOCH.queue, 1_000_001), JobId(10), JobId(1_000_010), 1)])
    journal.close()
    found = standing(other)

    assert found
    assert not found.is_backup
    assert 1_000_001 == found.epoch


def test_goq_history_tells_of_a_stray(here: Path) -> None:
    """All that there is of a job whose submission is lost."""
    journal = Journal(here / ".goq")
    journal.commit([StrayEnded(Claim(EPOCH, JobId(12), 1, WORKER.id), RESULT, 402)])
    journal.close()
    code, said = run(history.command, "12")

    assert None is code
    assert "its submission is lost" in said
    assert "strays/1.1/out.00012" in said


def test_outputs_with_names_are_compared_with_what_is_in_their_files(folder: Path) -> None:
    """Both streams of each attempt, where the journal has them; not what is at another host."""
    journal = Journal(folder)
    files = ((OUT, "a/x"), (ERR, "e"))
    err = Apart(b"", 3, hashlib.sha256(b"err").digest())
    result = replace(RESULT, files=files, err=err)
    at_home = replace(RESULT, output=b"", output_length=0, output_sha256=b"", files=((OUT, "/x"),))
    journal.commit([submitted(10, 2), replace(delegated(10, 1), files=files), delegated(11, 1)])
    journal.commit([OutputReserved(JobId(10), 2, 1, OUT, "a/x"), OutputReserved(JobId(10), 0, 1, ERR, "e")])
    journal.commit([OutputReserved(JobId(11), 0, 1, OUT, "/x")])
    journal.commit([ended(10, 1, Ending.FINISHED, result), ended(11, 1, Ending.FINISHED, at_home)])
    journal.commit([OutputSaved(JobId(10))])
    journal.close()
    outputs = folder.parent / "o"
    (outputs / "a").mkdir()
    (outputs / "a" / "x").write_bytes(b"--" + OUTPUT + b"others'")
    (outputs / "e").write_bytes(b"err")
    proof = prove(folder)
    good = check_outputs(outputs, proof.outputs)
    (outputs / "e").write_bytes(b"er!")
    (outputs / "a" / "x").unlink()
    bad = check_outputs(outputs, proof.outputs)

    assert [] == proof.violations == good
    assert [("missing output", 10), ("wrong output", 10)] == [(each.law, each.job) for each in bad]
    assert [b"", b"", b"", b"a/x", b"e"] == [each.path for each in proof.outputs]
