"""What hosts cannot do now: folders that are shut there, hosts that are paused.

Pure, and volatile: after a restart hosts are tried again. A host that lacks a folder is shut for
the group of that folder and owner, a host that can start nothing is paused; both for a time that
grows. When it is over one job at a time is tried, and only if that one starts is all as before. A
start is believed when it has lasted, or when the job has ended by itself.
"""

from collections.abc import Callable, Container
from itertools import islice

from msgspec import Struct

from goq.core.board.lanes import Lanes
from goq.core.board.views import Avoid, Group, group_of, shown_folders
from goq.core.values.ids import JobId
from goq.core.values.job import Job
from goq.core.waits.deadlines import Deadlines

SHUT_S, SHUT_LIMIT_S = 5.0, 600.0
PAUSE_S, PAUSE_LIMIT_S = 1.0, 60.0
FRESH_S = 1.0  # so soon after a refusal a new submission has the host tried again
LAST_S = 1.0  # so long a job must be on to have started: a folder may take its time to turn out dead
LINES_SHOWN = 10
FORGET_S = 600.0  # after which a host that nobody tries again is as any other
HOSTS_ENOUGH = 3
NOBODY = JobId(0)


class Shut(Struct, frozen=True):
    """A host that refused a group of jobs."""

    group: Group
    host: str


class Paused(Struct, frozen=True):
    """A host that could start nothing."""

    host: str


class Avoided(Struct, frozen=True):
    """A job that was on a host when that could start nothing: it may be why."""

    job: JobId
    host: str


Place = Shut | Paused | Avoided


class Refusal(Struct):
    """How long a place is closed, and the job that is tried there when that is over, if one is.

    Of the group, the jobs below the number `below` were there when the host refused.
    """

    problem: str
    refused_s: float
    pause_s: float
    is_over: bool = False
    probe: JobId = NOBODY
    below: JobId = NOBODY

    @property
    def is_closed(self) -> bool:
        """Nothing is given to that place now."""
        return not self.is_over or self.probe != NOBODY


class Trouble:
    """The refusals of all hosts. It closes the lanes to them, and opens them again."""

    def __init__(self, lanes: Lanes) -> None:
        self._lanes = lanes
        self.shut: dict[Group, dict[str, Refusal]] = {}
        self.paused: dict[str, Refusal] = {}
        self._avoid: dict[JobId, Avoid] = {}
        self._trials: dict[JobId, tuple[Group, str]] = {}  # given while there was trouble, not yet started
        self._lasting: Deadlines[JobId] = Deadlines()  # trials that are on, and may yet come back
        self._due: Deadlines[Place] = Deadlines()
        self.exists = False  # any; looked at for each job, so it is no question but a fact

    def is_paused(self, host: str) -> bool:
        """The host gets nothing now."""
        pause = self.paused.get(host)
        return pause is not None and pause.is_closed

    def pause_of(self, host: str) -> str:
        """Why the host gets nothing now, "" when it does."""
        pause = self.paused.get(host)
        return pause.problem if pause and pause.is_closed else ""

    def problem(self, group: Group, host: str) -> str:
        """Why the host gets nothing of the group now, "" when it does."""
        shut = self.shut.get(group, {}).get(host)
        return self.pause_of(host) or (shut.problem if shut and shut.is_closed else "")

    def avoided_by(self, job: JobId) -> Avoid:
        """The hosts that the job is not to go to."""
        return self._avoid.get(job, ())

    def shy(self, first: JobId, end: JobId) -> list[JobId]:
        """The jobs from first up to, and without, end that are not to go to some host."""
        return [job for job in self._avoid if first <= job < end]

    def counters(self) -> dict[str, int | str]:
        """How many hosts get nothing now, and how many folders' jobs not everybody."""
        hosts = sum(refusal.is_closed for refusal in self.paused.values())
        groups = sum(any(each.is_closed for each in shut.values()) for shut in self.shut.values())
        return {"pausedHosts": hosts, "shutFolders": groups}

    def lines(self, reads: Callable[[str], bool]) -> list[str]:
        """What hosts cannot do now for jobs that wait, for people; not all of it, if it is much.

        Whose folder it is, and `reads` what is that owner's, is told which one it is, and what is the matter with it.
        """
        closed = [(f"'{host}'", each.problem) for host, each in self.paused.items() if each.is_closed]
        shown = ((group, shut) for group, shut in self.shut.items() if self._lanes.holds(group))
        for (folder, owner), shut in islice(shown, LINES_SHOWN):
            where = f"of {owner} in '{shown_folders((folder, owner))}'" if reads(owner) else f"of {owner}"
            closed += [
                (f"'{host}' {where}", each.problem if reads(owner) else f"only {owner} is told why")
                for host, each in shut.items()
                if each.is_closed
            ]
        lines = [f"no jobs to {what}: {problem}" for what, problem in closed[:LINES_SHOWN]]
        return lines if len(closed) <= LINES_SHOWN else [*lines, "and more of that"]

    # --- what happens to jobs ------------------------------------------------------------

    def given(self, job: Job, host: str) -> None:
        """The host has got the job; if it was closed before, this is its trial."""
        group = group_of(job.origin, job.terms)
        shut, pause = self.shut.get(group), self.paused.get(host)
        if shut is None and pause is None:
            return
        self._trials[job.id] = group, host
        if shut and host in shut:
            shut[host].probe = job.id
            self._lanes.close(group, host)
        if pause:
            pause.probe = job.id

    def begun(self, job: JobId, now_s: float) -> None:
        """Its worker says that the job is on, which counts as a start when it has lasted."""
        group, host = self._trials.get(job, (None, ""))
        if group is None:
            return
        if job not in self._lasting:
            self._lasting.set(job, now_s + LAST_S)
        self._see(group, host)

    def started(self, job: JobId) -> None:
        """The job runs, or has run: what stood against it is over, and its folder is somewhere."""
        group, host = self._trials.pop(job, (None, ""))
        if group is None:
            return
        self._lasting.drop(job)
        pause = self.paused.get(host)
        if pause and pause.probe == job:
            self._forget(Paused(host))
        shut = self.shut.get(group, {})
        if host in shut and shut[host].probe == job:
            self._forget(Shut(group, host))
        self._see(group, host)

    def _see(self, group: Group, host: str) -> None:
        """A job is on at the host: if that is not shut, the folder is there, whoever has refused it."""
        shut = self.shut.get(group, {})
        if host not in shut:
            for other in shut.values():
                other.below = NOBODY

    def released(self, job: JobId) -> None:
        """The attempt is over, and nothing was learnt from it."""
        group, host = self._trials.pop(job, (None, ""))
        if group is None:
            return
        self._lasting.drop(job)
        pause, shut = self.paused.get(host), self.shut.get(group, {}).get(host)
        if pause and pause.probe == job:
            pause.probe = NOBODY
        if shut and shut.probe == job:
            shut.probe = NOBODY
            if shut.is_over:
                self._lanes.open(group, host)

    def ended(self, jobs: Container[JobId]) -> None:
        """These jobs are no more."""
        for job in [job for job in self._avoid if job in jobs]:
            del self._avoid[job]
        self._look()

    def ended_at(self, host: str, now_s: float) -> None:
        """Something has ended at the host: what it lacked it may have again."""
        pause = self.paused.get(host)
        if pause and not pause.is_over:
            pause.pause_s = 0.0
            self._due.set(Paused(host), min(now_s + PAUSE_S, self._due.when(Paused(host))))

    def submitted(self, group: Group, now_s: float) -> None:
        """Somebody submits to a folder again: perhaps it has been mended, so each host is tried again."""
        for host, refusal in self.shut.get(group, {}).items():
            place = Shut(group, host)
            if not refusal.is_over:
                fresh_s = max(now_s, refusal.refused_s + FRESH_S)
                self._due.set(place, min(fresh_s, self._due.when(place)))

    def _look(self) -> None:
        self.exists = bool(self.shut or self.paused or self._avoid)
        if not self.exists:
            self._trials.clear()
            self._lasting = Deadlines()

    # --- refusals --------------------------------------------------------------------------

    def refuse_folder(self, job: Job, host: str, problem: str, now_s: float, below: JobId) -> float:
        """The job's folder is not there: for so many seconds the host gets nothing of its group.

        0 when that was known: of jobs that were given before, or beside the trial, one speaks for all.
        """
        group = group_of(job.origin, job.terms)
        shut = self.shut.setdefault(group, {})
        known = shut.get(host)
        if known and known.probe != job.id:
            self.released(job.id)
            return 0.0
        pause_s = min(SHUT_LIMIT_S, max(SHUT_S, 2 * known.pause_s)) if known else SHUT_S
        shut[host] = Refusal(problem, now_s, pause_s, below=below)
        self._look()
        self._due.set(Shut(group, host), now_s + pause_s)
        self._lanes.close(group, host)
        self.released(job.id)
        return pause_s

    def refuse_all(self, job: Job, host: str, problem: str, now_s: float) -> float:
        """The host can start nothing: for so many seconds it gets nothing, and this job for twice as long.

        Else a job that no host can start would be the trial each time. 0 when that was known.
        """
        known = self.paused.get(host)
        is_news = known is None or known.probe == job.id
        if is_news:
            pause_s = min(PAUSE_LIMIT_S, max(PAUSE_S, 2 * known.pause_s)) if known else PAUSE_S
            self.paused[host] = Refusal(problem, now_s, pause_s)
            self._due.set(Paused(host), now_s + pause_s)
        else:
            pause_s = max(PAUSE_S, known.pause_s if known else 0.0)
        self._avoid[job.id] = tuple(sorted({*self.avoided_by(job.id), host}))
        self._look()
        self._due.set(Avoided(job.id, host), now_s + 2 * pause_s)
        self.released(job.id)
        return pause_s if is_news else 0.0

    def refused_below(self, group: Group, present: set[str]) -> JobId:
        """Older jobs of the group than this were refused by enough hosts, or by all that are present."""
        shut = self.shut.get(group, {})
        limits = sorted((refusal.below for refusal in shut.values()), reverse=True)
        enough = limits[HOSTS_ENOUGH - 1] if len(limits) >= HOSTS_ENOUGH else NOBODY
        everywhere = [shut[host].below if host in shut else NOBODY for host in present]
        return max(enough, min(everywhere, default=NOBODY))

    # --- time ------------------------------------------------------------------------------

    def next_deadline(self) -> float:
        """When `pass_time` may next have something to do."""
        return min(self._due.next(), self._lasting.next())

    def pass_time(self, now_s: float) -> None:
        """Believe starts that have lasted, have places tried again, and forget those that nobody tries."""
        for job in self._lasting.pop_due(now_s):
            self.started(job)
        for place in self._due.pop_due(now_s):
            match place:
                case Avoided(job, host):
                    self._approach(job, host)
                case Shut(group) if not self._lanes.has(group):
                    self._forget(place)
                case _:
                    self._have_tried(place, now_s)

    def _have_tried(self, place: Shut | Paused, now_s: float) -> None:
        refusal = self.paused[place.host] if isinstance(place, Paused) else self.shut[place.group][place.host]
        if refusal.is_over and not refusal.probe:
            self._forget(place)
            return
        self._due.set(place, now_s + FORGET_S)
        if not refusal.is_over:
            refusal.is_over = True
            if isinstance(place, Shut):
                self._lanes.open(place.group, place.host)

    def _approach(self, job: JobId, host: str) -> None:
        """The job may go to that host again."""
        avoid = tuple(other for other in self._avoid.pop(job, ()) if other != host)
        if avoid:
            self._avoid[job] = avoid
        self._lanes.move(job, avoid)
        self._look()

    def _forget(self, place: Shut | Paused) -> None:
        self._due.drop(place)
        if isinstance(place, Paused):
            del self.paused[place.host]
        else:
            shut = self.shut[place.group]
            if shut.pop(place.host).is_closed:
                self._lanes.open(place.group, place.host)
            if not shut:
                del self.shut[place.group]
        self._look()
