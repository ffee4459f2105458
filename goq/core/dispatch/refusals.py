"""What becomes of jobs that a host could not start, and of their likes. Pure."""

import math
from collections import deque

from goq.core.board.trouble import Refusal
from goq.core.board.views import Group, group_of, shown_folders
from goq.core.dispatch.decision import Note, Outcome
from goq.core.dispatch.ends import end
from goq.core.dispatch.fate import HandedBack, Unstarted
from goq.core.dispatch.moves import Moves
from goq.core.messages import Returned
from goq.core.state.records import RangeEnded
from goq.core.state.running import RunningJob
from goq.core.values.ids import JobId, Now
from goq.core.values.ranges import runs
from goq.core.values.result import BEGUN, FOLDER_TROUBLE, OUTLIVED, Ending
from goq.core.waits.deadlines import Deadlines

SLICE_JOBS = 200  # failed at once: some milliseconds, that somebody else may have to wait for
SLICE_EVERY_S = 0.08  # while others have requests, which need the machine for more than us
IDLE_S = 0.25  # after the last of them
HOSTS_NAMED = 8
UNSTARTED, HANDED_BACK = "handed back unstarted", "handed back"
LIFETIME_OVER = "its worker's lifetime was over"


class Refusals:
    """Takes jobs back whose host is in trouble, and ends those that no host can start."""

    def __init__(self, moves: Moves) -> None:
        self._moves = moves
        self._trouble = moves.trouble
        self._failing: deque[tuple[deque[JobId], str]] = deque()
        self._judge_again: Deadlines[Group] = Deadlines()
        self._fail_at_s = 0.0

    def returned(self, returned: Returned, running: RunningJob, now: Now, outcome: Outcome) -> None:
        """The attempt was not started: the job waits again, and its host is judged by why."""
        host, reason = running.worker.host, UNSTARTED
        if returned.trouble in (BEGUN, OUTLIVED):
            outlived = returned.trouble == OUTLIVED
            why = LIFETIME_OVER if outlived else HANDED_BACK
            end(self._moves, running, HandedBack(outlived), why, now, outcome)
            return
        if returned.trouble:
            reason = f"{returned.problem}, at {host}"
            self._note(returned, running, now, outcome)
        end(self._moves, running, Unstarted(), reason, now, outcome)

    def _note(self, returned: Returned, running: RunningJob, now: Now, outcome: Outcome) -> None:
        job, host, problem, now_s = running.job, running.worker.host, returned.problem, now.attended_s
        group = group_of(job.origin, job.terms)
        if returned.trouble == FOLDER_TROUBLE:
            below = self._moves.state.next_job
            pause_s = self._trouble.refuse_folder(job, host, problem, now_s, below)
            what = f"gets no jobs of {group[1]} in '{shown_folders(group)}'"
        else:
            pause_s = self._trouble.refuse_all(job, host, problem, now_s)
            what = "gets no jobs"
        if pause_s:
            text = f"host '{host}' {what} for {pause_s:.0f} s: {problem}."
            about: dict[str, int | str] = {"host": host, "problem": problem, "seconds": int(pause_s)}
            if returned.trouble == FOLDER_TROUBLE:
                about |= {"folder": shown_folders(group), "owner": group[1]}
            outcome.notes.append(Note(text, "host trouble", about))

    # --- jobs that no host can start --------------------------------------------------------

    def judge(self, now: Now) -> None:
        """Take the jobs out of the lanes that were refused by enough hosts; from now on none of them starts."""
        unjudged = self._moves.unjudged
        unjudged.update(self._judge_again.pop_due(now.attended_s))
        while unjudged:
            self._judge(unjudged.pop(), now)

    def _judge(self, group: Group, now: Now) -> None:
        shut = self._trouble.shut.get(group)
        if not shut:
            return
        owner = group[1]
        present = self._moves.present(now, owner)
        settled_s = self._moves.hosts.settled_s(owner)
        below = self._trouble.refused_below(group, present if now.attended_s >= settled_s else set())
        if now.attended_s < settled_s:
            self._judge_again.set(group, settled_s)
        jobs = self._moves.lanes.take(group, below)
        if jobs:
            for first, end in runs(jobs):
                self._moves.gates.ending.append(first, end)
            self._failing.append((deque(jobs), _words([*shut.items()], below)))

    def next_deadline(self) -> float:
        """When there may be something to do."""
        return min(self._judge_again.next(), self._fail_at_s if self._failing else math.inf)

    def fail_some(self, now: Now, outcome: Outcome, asked_s: float) -> None:
        """End a slice of the jobs that no host can start. Somebody else had a request at `asked_s`."""
        if not self._failing or now.attended_s < self._fail_at_s:
            return
        is_idle = now.attended_s - asked_s >= IDLE_S
        self._fail_at_s = now.attended_s + (0.0 if is_idle else SLICE_EVERY_S)
        jobs, problem = self._failing[0]
        some = [jobs.popleft() for _ in range(min(SLICE_JOBS, len(jobs)))]
        if not jobs:
            self._failing.popleft()
        waiting = filter(self._moves.state.waiting.__contains__, some)  # not killed meanwhile
        if ranges := tuple(runs(waiting)):
            self._moves.end_waiting(RangeEnded(ranges, Ending.FINISHED, problem, now.wall_ns), outcome)


def _words(shut: list[tuple[str, Refusal]], below: JobId) -> str:
    """Why the jobs below that number fail: what the last of the hosts said, and who they are."""
    refusals = [
        (refusal.refused_s, host, refusal.problem) for host, refusal in shut if refusal.below >= below
    ]
    hosts = sorted(host for _, host, _ in refusals)
    more = f" and {len(hosts) - HOSTS_NAMED} more" if len(hosts) > HOSTS_NAMED else ""
    return f"{max(refusals)[2]}, at {', '.join(hosts[:HOSTS_NAMED])}{more}"
