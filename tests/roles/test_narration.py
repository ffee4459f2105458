"""The head node's log: one line an event, safe for any terminal, and never a reason to stop."""

import io
import json
import os
import re
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import pytest
from epochs import EPOCH
from hypothesis import given, settings
from hypothesis import strategies as st
from submissions import submitted_of

from goq.adapters.files.log import StandardOutput
from goq.adapters.machine import host_name
from goq.core.state.records import (
    CancelRequested,
    CountersReset,
    JobDelegated,
    JobFinished,
    JobRequeued,
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
from goq.core.values.job import Claim, Origin, Worker
from goq.core.values.result import Ended, Ending, Result
from goq.core.values.text import show_queue
from goq.roles.said.narration import JsonVoice, Narrator, PlainVoice, server_voice, worker_voice

ORIGIN = Origin(b"/home/ann", Environment(b"SECRET=1"), "ann@head")
CLAIM = Claim(EPOCH, JobId(7), 2, WorkerId("w"))


# --- lines ---------------------------------------------------------------------------------


def words(line: str) -> str:
    """A plain line without the time and the host."""
    return line.split(" ", 3)[3]


TOLD: list[tuple[Record, str]] = [
    (
        submitted_of(7, Nonce(b""), (b"ls\0\x1b[2J",), ORIGIN),
        r"got job 7 submission. Will run ls $'\x1b[2J'.",
    ),
    (
        submitted_of(7, Nonce(b""), (b"ls",) * 3, ORIGIN),
        "got 3 new jobs; ids [7 : 9] submitted.",
    ),
    (
        JobDelegated(CLAIM, Worker(WorkerId("w"), "node7", 99), 1),
        "dispatching job 7 to worker 'node7:99', attempt 2.",
    ),
    (
        JobRequeued(CLAIM, "worker lost", CountsAs.CRASH, 1),
        "job 7 waits again: worker lost, attempt 2 is given up.",
    ),
    (CancelRequested(JobId(7), 15, 1), "job 7 is to be killed with signal 15; telling its worker."),
    (ResultRefused(CLAIM, 0, 1), "refused a late result of job 7: attempt 2 was given up."),
    (
        QueueRestored(Epoch(EPOCH.queue, 1_000_001), JobId(8), JobId(1_000_008), 1),
        f"queue {show_queue(EPOCH.queue)} goes on with a copy, in epoch 1000001: the next job has the number 1000008.",
    ),
    (
        StrayEnded(CLAIM, Result(), 1),
        (
            "stray: job 7 has ended with exit status 0; it was given after the copy was made, and its output is"
            f" below 'strays/{CLAIM.epoch.number}.2'."
        ),
    ),
    (
        JobFinished(Ended(JobId(7), 2, Ending.FINISHED, Result(signal=9)), 1),
        "worker finished job 7, exit status 137.",
    ),
    (
        JobFinished(
            Ended(
                JobId(7),
                2,
                Ending.FINISHED,
                Result(signal=15, cause="time", problem="its time of 2 s was up"),
            ),
            1,
        ),
        "worker finished job 7, exit status 143; job was ended: its time of 2 s was up.",
    ),
    (RangeEnded(((JobId(7), JobId(8)),), Ending.CANCELLED, "", 1), "cancelled job 7, exit status 143."),
    (
        RangeEnded(((JobId(7), JobId(9)), (JobId(10), JobId(11))), Ending.CANCELLED, "late", 1),
        "3 jobs from 7 to 10 were cancelled: late.",
    ),
    (JobFinished(Ended(JobId(7), 1, Ending.LOST, Result()), 1), "lost job 7, exit status 255."),
    (CountersReset(1), "counters and the list of finished jobs are reset."),
]


@pytest.mark.parametrize(("record", "line"), TOLD, ids=lambda value: type(value).__name__)
def test_each_event_is_a_line(record: Record, line: str, capsys: pytest.CaptureFixture[str]) -> None:
    """With the server's pid in front: several logs may go into one file."""
    narrator = Narrator(server_voice(), StandardOutput())
    narrator.tell(record)
    narrator.flush()

    assert f"**** [jobserver pid {os.getpid()}] {line}\n" == words(capsys.readouterr().out)


@pytest.mark.parametrize("voice", [server_voice(), worker_voice("tcp://192.0.2.7:1776")])
def test_each_line_says_when_and_where(voice: PlainVoice, capsys: pytest.CaptureFixture[str]) -> None:
    """Somebody asks what happened at three in the morning, and on which node."""
    narrator = Narrator(voice, StandardOutput())
    before = datetime.now().astimezone().replace(microsecond=0)
    narrator.say("something happened")
    narrator.flush()
    date, time_of_day, host, rest = capsys.readouterr().out.split(" ", 3)
    said_at = datetime.fromisoformat(f"{date}T{time_of_day}").astimezone()

    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", f"{date} {time_of_day}")
    assert before <= said_at <= datetime.now().astimezone()
    assert host_name() == host
    assert re.match(rf"(\*{{4}} \[jobserver|---- \[worker) pid {os.getpid()}[;\]]", rest)


def test_the_time_is_that_of_each_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is put into words once a second: but in each, and also when a clock is set back."""
    voice = PlainVoice("")
    said = []
    for at_s in (1_700_000_000, 1_700_000_000.9, 1_700_000_001, 1_700_003_600, 1_700_000_000):
        monkeypatch.setattr(time, "time", lambda at_s=at_s: at_s)
        said.append(voice.line("x", "note", {}).split(" ")[1])

    shown = [time.strftime("%H:%M:%S", time.localtime(1_700_000_000 + at)) for at in (0, 0, 1, 3600, 0)]
    assert shown == said


@pytest.mark.parametrize("record", [OutputSaved(JobId(7)), OutputReserved(JobId(7), 5)])
def test_what_nobody_cares_for_is_not_told(record: Record, capsys: pytest.CaptureFixture[str]) -> None:
    """The log is for people."""
    narrator = Narrator(server_voice(), StandardOutput())
    narrator.tell(record)
    narrator.flush()

    assert "" == capsys.readouterr().out


def test_a_worker_s_name_cannot_forge_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    """It is a peer that says what its host is called."""
    narrator = Narrator(server_voice(), StandardOutput())
    narrator.tell(JobDelegated(CLAIM, Worker(WorkerId("w"), "x\n**** \x1b[2Jall is well", 1), 1))
    narrator.flush()
    said = capsys.readouterr().out

    assert r"'x\n**** \x1b[2Jall is well:1'" in said
    assert 1 == said.count("\n")


def test_lines_are_written_in_order_and_once(capsys: pytest.CaptureFixture[str]) -> None:
    """At the end of a turn, when what they say is true."""
    narrator = Narrator(server_voice(), StandardOutput())
    narrator.say("first")
    narrator.say("second")
    before = capsys.readouterr().out
    narrator.flush()
    narrator.flush()
    said = [line.rpartition("] ")[2] for line in capsys.readouterr().out.splitlines()]

    assert "" == before
    assert ["first", "second"] == said


# --- a lost standard output ----------------------------------------------------------------


def broken_pipe() -> io.TextIOWrapper:
    """What `goq serve | head` leaves behind."""
    reader, writer = os.pipe()
    os.close(reader)
    return open(writer, "w", encoding="utf-8")


def full_disk() -> io.TextIOWrapper:
    """A log file that cannot grow."""
    return Path("/dev/full").open("w", encoding="utf-8")


@pytest.mark.parametrize("make", [broken_pipe, full_disk])
def test_a_lost_standard_output_is_no_reason_to_stop(
    make: Callable[[], io.TextIOWrapper], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Jobs are worth more than a log."""
    lost = make()
    monkeypatch.setattr(sys, "stdout", lost)
    narrator = Narrator(server_voice(), StandardOutput())
    for _ in range(3):
        narrator.say("nobody reads this")
        narrator.flush()
    devnull = sys.stdout

    assert lost is not devnull
    devnull.close()
    with suppress(OSError):
        lost.close()


# --- as JSON -------------------------------------------------------------------------------

ABOUT: list[tuple[Record, str, str, dict[str, int | str]]] = [
    (
        submitted_of(7, Nonce(b""), (b"ls\0\x1b[2J",), ORIGIN),
        "info",
        "jobs submitted",
        {"first": 7, "last": 7, "count": 1, "submitter": ORIGIN.submitter, "command": r"ls $'\x1b[2J'"},
    ),
    (
        JobDelegated(CLAIM, Worker(WorkerId("w"), "node7", 99), 1),
        "info",
        "job delegated",
        {"job": 7, "attempt": 2, "worker": CLAIM.worker, "worker_host": "node7", "worker_pid": 99},
    ),
    (
        JobRequeued(CLAIM, "worker lost", CountsAs.CRASH, 1),
        "warning",
        "job requeued",
        {"job": 7, "attempt": 2, "worker": CLAIM.worker, "reason": "worker lost"},
    ),
    (CancelRequested(JobId(7), 15, 1), "info", "cancel requested", {"job": 7, "signal": 15}),
    (
        ResultRefused(CLAIM, 3, 1),
        "warning",
        "result refused",
        {"job": 7, "attempt": 2, "worker": CLAIM.worker, "status": 3},
    ),
    (
        JobFinished(Ended(JobId(7), 2, Ending.FINISHED, Result(signal=9, host="node7")), 1),
        "info",
        "job finished",
        {
            "job": 7,
            "attempt": 2,
            "status": 137,
            "signal": 9,
            "worker_host": "node7",
            "cause": "",
            "problem": "",
        },
    ),
    (
        JobFinished(Ended(JobId(7), 1, Ending.LOST, Result(problem="poisonous")), 1),
        "warning",
        "job lost",
        {
            "job": 7,
            "attempt": 1,
            "status": 255,
            "signal": 0,
            "worker_host": "",
            "cause": "",
            "problem": "poisonous",
        },
    ),
    (CountersReset(1), "info", "counters reset", {}),
]


@pytest.mark.parametrize(("record", "level", "event", "about"), ABOUT, ids=lambda value: type(value).__name__)
def test_each_event_is_an_object(
    record: Record, level: str, event: str, about: dict[str, int | str], capsys: pytest.CaptureFixture[str]
) -> None:
    """The same keys for the same kind of event, and the words that a person would read."""
    narrator = Narrator(JsonVoice("server"), StandardOutput())
    plain = Narrator(PlainVoice(""), StandardOutput())
    before_ns = time.time_ns() - 1_000_000
    narrator.tell(record)
    narrator.flush()
    said = json.loads(capsys.readouterr().out)
    plain.tell(record)
    plain.flush()
    at = said.pop("time")

    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", at)
    assert before_ns <= datetime.fromisoformat(at).timestamp() * 1e9 <= time.time_ns()
    assert said.pop("message") + "\n" == words(capsys.readouterr().out)
    who = {"role": "server", "host": host_name(), "pid": os.getpid()}
    assert said == {"level": level, "event": event, **who, **about}


@settings(deadline=None)
@given(st.text(), st.text(st.characters(exclude_categories=[])))
def test_whatever_is_said_is_one_line_that_programs_and_terminals_can_read(text: str, name: str) -> None:
    """Peers choose some of the words: they forge no line, and no key."""
    line = JsonVoice("worker").line(text, "note", {"name": name})

    assert line.endswith("}\n")
    assert line[:-1].isprintable()
    assert {"time", "level", "event", "role", "host", "pid", "name", "message"} == set(json.loads(line))


class Disk:
    """A log that takes lines while it has room."""

    def __init__(self) -> None:
        self.full = False
        self.lines: list[str] = []

    def write(self, lines: str) -> bool:
        if not self.full:
            self.lines += [words(line) for line in lines.splitlines()]
        return not self.full


def test_lines_that_a_full_disk_did_not_take_are_counted() -> None:
    """Whoever reads the log later must not take it for the whole story."""
    disk = Disk()
    narrator = Narrator(PlainVoice(""), disk)
    for disk.full, word in ((False, "one"), (True, "two"), (True, "three"), (False, "four")):
        narrator.say(word)
        narrator.flush()

    assert ["one", "four", "2 lines before this could not be written to the log."] == disk.lines
