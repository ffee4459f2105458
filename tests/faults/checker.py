"""Decides from the jobs' own logs whether goq kept its word. Shares nothing with goq's audit.

Reads the journal only for what it says of each job, and holds that against what the jobs saw.
"""

import re
import sqlite3
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from faults.clocks import Skew
from faults.stays import Stays
from faults.stops import Stops
from goq.adapters.store.submissions import SubmissionReader
from goq.core.values.ids import JobId

CRASH_LIMIT = 5
_UNSTARTED = re.compile(r"handed back unstarted|.*, at \S+", re.DOTALL)  # why an attempt is undone
_SLACK_NS = 1_500_000_000
_LEFT_BEHIND = re.compile(r"goq: job \d+: ended \d+ process(es)? left behind: .*\n\Z")  # of jobs with a child
_RETURN_S = 6.0  # to dial again after a cut, and to be told, on a machine that is busy with all the rest


@dataclass(eq=False)
class Token:
    """One job that the driver wanted, and all that was said to it of this job."""

    name: str
    lines: int
    requeue: bool
    job: int = 0  # 0 until a number was printed; -1 when it was spooled
    kill_asked: bool = False
    kill_acknowledged: bool = False
    mode: str = "plain"
    has_gpu: bool = False
    tag: str = ""  # so many of those with it run at a time
    behind: "Token | None" = None  # what must have ended before it starts

    @property
    def output(self) -> str:
        """What the job prints."""
        return f"out {self.name}\n" + "".join(f"{at}\n" for at in range(1, self.lines + 1))


@dataclass
class Log:
    """What one job has seen: (attempt, job id) of starts and ends, (attempt, other) of overlaps."""

    starts: list[tuple[int, int]] = field(default_factory=list)
    ends: list[tuple[int, int]] = field(default_factory=list)
    end_up_s: dict[int, float] = field(default_factory=dict)  # of an attempt, as /proc/uptime counts
    start_up_s: dict[int, float] = field(default_factory=dict)
    failed: list[int] = field(default_factory=list)  # attempts that ended badly, on purpose
    gpus: dict[int, list[str]] = field(default_factory=dict)  # of an attempt, each with its host
    overlaps: list[tuple[int, int]] = field(default_factory=list)


@dataclass
class Known:
    """What the journal says of one job."""

    job: int
    ending: str
    attempt: int
    crashes: int
    status: int
    problem: str
    requeues: dict[int, tuple[str, int]] = field(default_factory=dict)  # attempt: (reason, at_ns)
    pids: dict[int, int] = field(default_factory=dict)  # attempt: the worker's


@dataclass
class Window:
    """A time in which the driver kept a worker from the server for longer than a lease.

    It ends when that is planned, unless it is `closed` later: the driver may be late.
    """

    pid: int
    from_ns: int
    to_ns: int
    until_up_s: float  # when it ended, as /proc/uptime counts

    def close(self) -> None:
        """It ends now."""
        self.to_ns, self.until_up_s = time.time_ns(), time.clock_gettime(time.CLOCK_BOOTTIME)


@dataclass
class Verdict:
    """The figures, and every breach of a promise."""

    figures: dict[str, int]
    breaches: list[str]


def read_log(path: Path) -> Log:
    log = Log()
    if not path.exists():
        return log
    for line in path.read_text().splitlines():
        words = line.split()
        attempt = int(words[1])
        match words[0]:
            case "overlap":
                log.overlaps.append((attempt, int(words[2])))
            case "start":
                log.starts.append((attempt, int(words[4])))
                log.start_up_s[attempt] = float(words[3])
                gpus = words[6].split(",") if len(words) > 6 else []
                log.gpus[attempt] = [f"{gpu} of {words[5]}" for gpu in gpus]
            case "failed":
                log.failed.append(attempt)
                log.end_up_s[attempt] = float(words[3])
            case _:
                log.ends.append((attempt, int(words[4])))
                log.end_up_s[attempt] = float(words[3])
    return log


_ENDS = (
    "SELECT job, job + 1, ending, attempt, coalesce(nullif(signal, 0) + 128, exit_code), problem FROM result"
    " WHERE ending IS NOT NULL UNION ALL SELECT first, next, ending, 0, coalesce(nullif(signal, 0) + 128, exit_code), reason FROM ended"
)
_CRASHES = "SELECT job FROM event WHERE kind = 'requeued' AND reason = 'worker lost'"


def read_journal(path: Path) -> dict[str, list[Known]]:
    """What the journal knows of each token; the token is the third word of each command."""
    db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    reader = SubmissionReader(db)
    submissions = db.execute("SELECT first, here FROM submission").fetchall()
    jobs = [
        (each.id, each.argv)
        for first, here in submissions
        for job in range(first, first + here)
        if (each := reader.job(JobId(job)))
    ]
    ends = {job: how for first, end, *how in db.execute(_ENDS) for job in range(first, end)}
    crashes = Counter(job for (job,) in db.execute(_CRASHES))
    rows = []
    for job, argv in jobs:
        ending, attempt, status, problem = ends.get(job, ("live", 0, 0, ""))
        rows.append((job, argv, ending, attempt, crashes[job], status, problem))
    events = db.execute("SELECT job, kind, attempt, pid, at_ns, reason FROM event ORDER BY seq").fetchall()
    db.close()
    known = {row[0]: Known(row[0], *row[2:]) for row in rows}
    for job, kind, attempt, pid, at_ns, reason in events:
        if kind == "requeued":
            known[job].requeues[attempt] = (reason, at_ns)
        elif kind == "delegated":
            known[job].pids[attempt] = pid
    of_token: defaultdict[str, list[Known]] = defaultdict(list)
    for row in rows:
        of_token[row[1].split(b"\0")[2].decode()].append(known[row[0]])
    return of_token


class Checker:
    """Goes through all tokens once."""

    def __init__(
        self, logs: Path, head: Path, windows: list[Window], skews: list[Skew], stops: Stops
    ) -> None:
        self._logs = logs
        self._outputs = head / "o"
        self._windows = windows
        self._skews = skews
        self._stops = stops  # of the server
        self._known = read_journal(head / ".goq" / "journal.sqlite")
        self._breaches: list[str] = []
        names = ("jobs", "attempts", "finished", "cancelled", "given up as recorded", "lost", "doubled")
        more = ("ran again after a crash", "overlapped while cut off", "refused by a host in trouble")
        others = ("tried again after a failure", "had a GPU", "were limited", "waited for another")
        self._figures = dict.fromkeys((*names, *more, *others), 0)
        self._stays = Stays()

    def check(self, tokens: list[Token]) -> Verdict:
        for token in tokens:
            self._check(token, self._known.get(token.name, []), read_log(self._logs / token.name))
        self._breaches += self._stays.breaches()
        strangers = self._known.keys() - {token.name for token in tokens}
        self._breaches += [f"{name}: in the journal, and never submitted" for name in strangers]
        return Verdict(self._figures, self._breaches)

    def _breach(self, figure: str, token: Token, text: str) -> None:
        if figure:
            self._figures[figure] += 1
        self._breaches.append(f"{token.name} (job {token.job}): {text}")

    def _check(self, token: Token, known: list[Known], log: Log) -> None:
        if len(known) != 1:
            self._breach("doubled" if known else "lost", token, f"has the jobs {[one.job for one in known]}")
            return
        job = known[0]
        self._figures["jobs"] += 1
        self._figures["attempts"] += len(log.starts)
        if token.job > 0 and token.job != job.job:
            self._breach("", token, f"was acknowledged, and is job {job.job}")
        if {of_job for _, of_job in log.starts} - {job.job}:
            self._breach("doubled", token, f"ran as the jobs {log.starts}, and is job {job.job}")
        self._check_attempts(token, job, log)
        self._check_end(token, job, log)
        self._figures["tried again after a failure"] += len(log.failed)
        self._figures["had a GPU"] += any(log.gpus.values())
        self._figures["were limited"] += bool(token.tag and log.starts)
        self._check_behind(token, log)
        for attempt, _ in log.starts:
            if token.has_gpu != bool(log.gpus[attempt]):
                self._breach("", token, f"attempt {attempt} had the GPUs {log.gpus[attempt]}")
            if job.requeues.get(attempt, ("", 0))[0] != "worker lost":  # whose room others may have had
                self._stays.note(token, attempt, log)

    def _check_behind(self, token: Token, log: Log) -> None:
        """Whoever waits for another starts when that has ended, by what both saw."""
        before = token.behind
        if before is None or not log.starts:
            return
        self._figures["waited for another"] += 1
        (known,) = self._known.get(before.name, ())[:1] or (None,)
        if known is None or known.ending != "finished":
            return
        over_s = read_log(self._logs / before.name).end_up_s.get(known.attempt)
        if over_s is not None and min(log.start_up_s.values()) < over_s:
            self._breach("", token, f"started before {before.name} had ended, for which it waits; {log}")

    def _check_attempts(self, token: Token, job: Known, log: Log) -> None:
        attempts = [attempt for attempt, _ in log.starts]
        if len(set(attempts)) != len(attempts):
            self._breach("doubled", token, f"started the attempts {attempts}")
        if not token.requeue and len(attempts) > 1:
            self._breach("doubled", token, f"--no-requeue, and started the attempts {attempts}")
        self._check_unstarted(token, job, attempts)
        for pair in log.overlaps:
            window = self._cut_off(job, min(pair))
            if window is None:
                self._breach("doubled", token, f"attempts {pair} overlapped; {job}")
            elif self._went_on(window, log.end_up_s.get(min(pair), 0.0)):
                self._breach(
                    "doubled", token, f"attempt {min(pair)} went on after its worker came back; {log}"
                )
            else:
                self._figures["overlapped while cut off"] += 1
        self._figures["ran again after a crash"] += max(0, len(log.ends) - 1)

    def _check_unstarted(self, token: Token, job: Known, attempts: list[int]) -> None:
        """What a worker gave back as unstarted was not started."""
        for attempt, (reason, _) in job.requeues.items():
            if _UNSTARTED.fullmatch(reason):
                self._figures["refused by a host in trouble"] += ", at " in reason
                if attempt in attempts:
                    self._breach("doubled", token, f"attempt {attempt} ran, and was given back: {reason}")

    def _cut_off(self, job: Known, attempt: int) -> Window | None:
        """The time away in which the attempt's worker lost its lease; the last one, if several fit."""
        reason, at_ns = job.requeues.get(attempt, ("", 0))
        fitting = [
            window
            for window in self._windows
            if reason == "worker lost"
            and window.pid == job.pids[attempt]
            and any(self._fits(window, real_ns) for real_ns in self._moments(at_ns))
        ]
        return fitting[-1] if fitting else None

    def _fits(self, window: Window, given_up_ns: int) -> bool:
        """That moment is within the window, or so soon after it as the server could judge and be heard."""
        there_ns = given_up_ns - self._stops.within_ns(window.to_ns, given_up_ns)
        return window.from_ns <= given_up_ns and there_ns <= window.to_ns + _SLACK_NS

    def _went_on(self, window: Window, end_up_s: float) -> bool:
        """An attempt that ended then should have been ended before: its worker was back, and could be told."""
        over_ns = int((end_up_s - window.until_up_s - _RETURN_S) * 1e9)
        return over_ns > self._stops.within_ns(window.to_ns, window.to_ns + over_ns + int(_RETURN_S * 1e9))

    def _moments(self, at_ns: int) -> list[int]:
        """When it can have been that the server's clock, which jumps, said so."""
        shifted = [(at_ns - skew.offset_ns, skew) for skew in self._skews]
        return [at_ns, *(real_ns for real_ns, skew in shifted if skew.from_ns <= real_ns <= skew.to_ns)]

    def _check_end(self, token: Token, job: Known, log: Log) -> None:
        if job.ending == "finished":
            self._check_finished(token, job, log)
        elif job.ending == "cancelled":
            self._figures["cancelled"] += 1
            if not token.kill_asked:
                self._breach("lost", token, "cancelled, and nobody asked for that")
        elif job.ending == "lost":
            self._figures["given up as recorded"] += 1
            if token.requeue and job.crashes < CRASH_LIMIT - 1:
                self._breach("lost", token, f"given up after {job.crashes} crashes")
        else:
            self._breach("lost", token, "has not ended")
        if token.kill_acknowledged and job.ending != "cancelled":
            self._breach("", token, f"its kill was acknowledged, and it {job.ending}")

    def _check_finished(self, token: Token, job: Known, log: Log) -> None:
        self._figures["finished"] += 1
        if job.attempt not in [attempt for attempt, _ in log.ends]:
            self._breach("lost", token, f"finished by attempt {job.attempt}, which has not ended: {log}")
        if job.status or job.problem:
            self._breach(
                "lost", token, f"counts as failed, by no fault of its own: {job.status} {job.problem}"
            )
        number = job.job
        name = f"out.{number:05d}" if number < 1_000_000 else f"{number // 10_000}/out.{number}"
        path = self._outputs / name
        printed = _LEFT_BEHIND.sub("", path.read_text()) if path.exists() else ""
        if not (printed.endswith(token.output) if log.failed else printed == token.output):
            self._breach("lost", token, f"{path} does not hold what the job printed")
