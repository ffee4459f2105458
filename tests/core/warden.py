"""Which host may have which job, worked out from what was said: the laws about hosts in trouble.

A second and much simpler opinion than the board's: it looks at every job and every refusal each time, and
knows nothing of lanes, views or slices.
"""

import math
import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from ledger import Ledger

from goq.core.board import hosts, trouble
from goq.core.messages import OutputChunk, Question, Report, Returned
from goq.core.state.records import (
    BlobAdded,
    ItemsAdded,
    JobDelegated,
    JobFinished,
    JobRequeued,
    JobsSubmitted,
    RangeEnded,
    Record,
)
from goq.core.values.ids import JobId
from goq.core.values.job import Origin
from goq.core.values.result import BEGUN, OUTLIVED, Ending
from goq.core.values.terms import Terms

Group = tuple[bytes, str]
Place = tuple[Group | None, str]  # a group at a host, or a host as a whole


def group_of(origin: Origin, terms: Terms) -> Group:
    """Whose jobs, and in which folder; with those of the files that they write into there."""
    files = sorted({each for each in (terms.out, terms.err) if each.startswith("/")})
    folders = "".join(f"\0{os.path.dirname(file)}" for file in files).encode()
    return origin.folder + folders, origin.submitter.split("@")[0]


@dataclass(slots=True)
class Word:
    """A host's refusal, of a group or of everything."""

    problem: str
    said_s: float
    pause_s: float
    due_s: float
    below: int = 0
    is_over: bool = False
    trial: JobId | None = None


@dataclass(slots=True)
class Warden:
    """Follows what is said and recorded; `check_given` and `check_failed` hold the records against it."""

    ledger: Ledger
    words: dict[Place, Word] = field(default_factory=dict)
    shy_until_s: dict[tuple[JobId, str], float] = field(default_factory=dict)
    doomed: dict[JobId, tuple[set[str], set[str]]] = field(default_factory=dict)  # who refused, who is there
    gone: dict[JobId, bool | None] = field(
        default_factory=dict
    )  # that have ended beside what the ledger knows, well or not
    _trials: dict[JobId, str] = field(default_factory=dict)
    _lasts_s: dict[JobId, float] = field(default_factory=dict)  # when trials that are on count as started
    _heard_s: dict[str, float] = field(default_factory=dict)
    _since_s: dict[str, float] = field(default_factory=dict)
    _unjudged: set[Group] = field(default_factory=set)
    _judge_s: dict[Group, float] = field(default_factory=dict)

    def after(self, question: Question, gone: dict[JobId, bool | None], now_s: float) -> "Warden":
        """One that has heard this as well, and that these jobs are no longer where they were."""
        words = {place: replace(word) for place, word in self.words.items()}
        other = replace(self, words=words, shy_until_s=dict(self.shy_until_s), _trials=dict(self._trials))
        other._heard_s, other._since_s = dict(self._heard_s), dict(self._since_s)
        other._lasts_s = dict(self._lasts_s)
        other.hear(question, now_s)
        other.gone = gone
        for job in gone:
            other._released(job)
        return other

    def group(self, job: JobId) -> Group:
        """The job's."""
        life = self.ledger.lives[job]
        return group_of(life.origin, life.terms)

    def is_calm(self) -> bool:
        """No host is in trouble."""
        return not self.words and not self.shy_until_s

    def _is_closed(self, place: Place) -> bool:
        word = self.words.get(place)
        return word is not None and (not word.is_over or word.trial is not None)

    def may(self, job: JobId, host: str) -> bool:
        """The host may be given the waiting job."""
        closed = self._is_closed((None, host)) or self._is_closed((self.group(job), host))
        return not closed and job not in self.doomed and (job, host) not in self.shy_until_s

    def eligible(self, host: str) -> list[JobId]:
        """The waiting jobs that the host may be given, in the order in which it is to get them."""
        return [job for job in self.ledger.ready_if(self.gone) if self.may(job, host)]

    def at_once(self, host: str) -> list[JobId]:
        """As many of them as it may be given together: what is on trial goes alone."""
        given: list[JobId] = []
        for job in self.eligible(host):
            place = self.group(job), host
            if place in self.words and self.group(job) in map(self.group, given):
                continue
            given.append(job)
            if (None, host) in self.words:
                break
        return given

    # --- what is said ----------------------------------------------------------------------

    def hear(self, question: Question, now_s: float, *, is_latest: bool = True) -> None:
        """A request was let in."""
        match question:
            case Report():
                if is_latest:
                    self._hear_host(question.worker.host, now_s)
                self._finished(question, now_s)
                for held in question.held if is_latest else ():
                    job = held.claim.job
                    if held.is_on and self.ledger.holds(held.claim) and job in self._trials:
                        self._lasts_s.setdefault(job, now_s + trouble.LAST_S)
                        self._seen(job, self._host(job))
            case OutputChunk(claim) if self.ledger.holds(claim):
                self._started(claim.job)

    def _finished(self, finished: Report, now_s: float) -> None:
        gone: set[JobId] = set()
        for report in finished.ended:
            job = report.claim.job
            if self.ledger.holds(report.claim) and job not in gone:
                gone.add(job)
                host = self._host(job)
                if not self.ledger.lives[job].cancelling:
                    self._started(job)
                word = self.words.get((None, host))
                if word and not word.is_over:
                    word.pause_s, word.due_s = 0.0, min(word.due_s, now_s + trouble.PAUSE_S)
        for returned in finished.returned:
            if self.ledger.holds(returned.claim) and returned.claim.job not in gone:
                gone.add(returned.claim.job)
                if returned.trouble not in ("", BEGUN, OUTLIVED):
                    self._refused(returned, now_s)

    def _host(self, job: JobId) -> str:
        worker = self.ledger.lives[job].worker
        assert worker is not None
        return worker.host

    def _hear_host(self, host: str, now_s: float) -> None:
        self._since_s.setdefault(host, now_s)
        self._heard_s[host] = now_s

    def _refused(self, returned: Returned, now_s: float) -> None:
        job = returned.claim.job
        host, group = self._host(job), self.group(job)
        is_folder = returned.trouble == "folder"
        place: Place = (group if is_folder else None, host)
        least_s, most_s = (5, 600) if is_folder else (1, 60)
        word = self.words.get(place)
        pause_s = word.pause_s if word else 0.0
        if word is None or word.trial == job:
            pause_s = min(most_s, max(least_s, 2 * pause_s))
            below = len(self.ledger.lives) + 1 if is_folder else 0
            self.words[place] = Word(returned.problem, now_s, pause_s, now_s + pause_s, below)
        if not is_folder:
            self.shy_until_s[job, host] = now_s + 2 * max(least_s, pause_s)
        self._released(job)

    def _started(self, job: JobId) -> None:
        host = self._trials.pop(job, None)
        if host is None:
            return
        group = self.group(job)
        places: list[Place] = [(None, host), (group, host)]
        for place in places:
            if place in self.words and self.words[place].trial == job:
                del self.words[place]
        self._lasts_s.pop(job, None)
        self._seen(job, host)
        self._look()

    def _seen(self, job: JobId, host: str) -> None:
        group = self.group(job)
        if (group, host) not in self.words:
            for _, word in self._words_about(group):
                word.below = 0

    def _words_about(self, group: Group) -> Iterator[tuple[str, Word]]:
        return ((host, word) for (about, host), word in self.words.items() if about == group)

    def _look(self) -> None:
        """What was given while there was trouble says nothing when that is over."""
        if self.is_calm():
            self._trials.clear()
            self._lasts_s.clear()

    def _released(self, job: JobId) -> None:
        self._lasts_s.pop(job, None)
        if self._trials.pop(job, None) is not None:
            for word in self.words.values():
                word.trial = None if word.trial == job else word.trial

    def left(self, host: str, now_s: float) -> None:
        """A worker has said goodbye; the next one there may come soon."""
        self._hear_host(host, now_s)

    def _busy(self) -> set[str]:
        return {self._host(job) for job in self.ledger.running}

    # --- what is recorded --------------------------------------------------------------------

    def before(self, record: Record, now_s: float) -> None:
        """A record is about to be entered: hold it against what was said."""
        match record:
            case JobDelegated(claim, worker):
                may_have = self.eligible(worker.host)
                assert claim.job in may_have, "nothing is given to a host that is shut for it"
                assert claim.job == may_have[0], "of the jobs that a host may have, the oldest goes first"
                self._given(claim.job, worker.host)
            case JobRequeued(claim, result=result):
                self._released(claim.job)
                if result:
                    self._ended(claim.job)
                self._unjudged.add(self.group(claim.job))
            case JobFinished(ended):
                self._released(ended.job)
                self._ended(ended.job)
            case RangeEnded(ending=Ending.CANCELLED | Ending.SKIPPED):
                for job in record.jobs():
                    self._released(job)
                    self._ended(job)
            case RangeEnded(reason=problem):
                for job in record.jobs():
                    assert job in self.doomed, "only what hosts enough have refused fails"
                    refusing, present = self.doomed[job]
                    named = {host for host in refusing if host in problem}
                    assert len(named) >= 3 or present <= named, "people learn who refused"
                    self._ended(job)
            case JobsSubmitted() if record.is_whole:
                self._opened(record.submission.origin, record.submission.terms, now_s)
            case ItemsAdded(submission, first, lines):
                ack = self.ledger.acks[submission]
                if len(lines) == ack.to_come and not ack.wanted:
                    life = self.ledger.lives[first]
                    self._opened(life.origin, life.terms, now_s)
            case BlobAdded(blob, whole_for=firsts):
                for first in firsts:
                    nonce = self.ledger.submissions[first].nonce
                    if not self.ledger.acks[nonce].to_come and self.ledger.lacks[nonce] == [blob]:
                        life = self.ledger.lives[first]
                        self._opened(life.origin, life.terms, now_s)

    def _opened(self, origin: Origin, terms: Terms, now_s: float) -> None:
        """New jobs can be given out, so each host is tried again soon."""
        for _, word in self._words_about(group_of(origin, terms)):
            if not word.is_over:
                word.due_s = min(word.due_s, max(now_s, word.said_s + trouble.FRESH_S))

    def _given(self, job: JobId, host: str) -> None:
        group = self.group(job)
        if any(self._words_about(group)) or (None, host) in self.words:
            self._trials[job] = host
        places: list[Place] = [(None, host), (group, host)]
        for place in places:
            if place in self.words:
                self.words[place].trial = job

    def _ended(self, job: JobId) -> None:
        self.doomed.pop(job, None)
        self.shy_until_s = {key: until_s for key, until_s in self.shy_until_s.items() if key[0] != job}
        self._look()

    # --- time ----------------------------------------------------------------------------------

    def next_due_s(self) -> float:
        """When something changes by itself."""
        dues = [*(word.due_s for word in self.words.values()), *self.shy_until_s.values()]
        dues += self._lasts_s.values()
        return min([*dues, *self._judge_s.values()], default=math.inf)

    def pass_time(self, now_s: float) -> None:
        """The loop ticks."""
        for job in [job for job, lasts_s in self._lasts_s.items() if lasts_s <= now_s]:
            self._started(job)
        self.shy_until_s = {key: until_s for key, until_s in self.shy_until_s.items() if until_s > now_s}
        waiting = {self.group(job) for job in self.ledger.ready if job not in self.doomed}
        for place, word in list(self.words.items()):
            if word.due_s > now_s:
                continue
            nobody = place[0] is not None and place[0] not in waiting
            if nobody or (word.is_over and word.trial is None):
                del self.words[place]
            else:
                word.is_over, word.due_s = True, now_s + trouble.FORGET_S
        self._look()
        self._unjudged |= {group for group, due_s in self._judge_s.items() if due_s <= now_s}
        self._judge_s = {group: due_s for group, due_s in self._judge_s.items() if due_s > now_s}

    def judge(self, now_s: float) -> None:
        """Which jobs have hosts enough refused by now?"""
        while self._unjudged:
            self._judge(self._unjudged.pop(), now_s)

    def _judge(self, group: Group, now_s: float) -> None:
        words = dict(self._words_about(group))
        if not words:
            return
        busy = self._busy()
        for host, heard_s in list(self._heard_s.items()):
            if now_s - heard_s > hosts.ABSENT_S and host not in busy:
                del self._heard_s[host], self._since_s[host]
        settled_s = max(self._since_s.values(), default=0.0) + hosts.SETTLE_S
        if now_s < settled_s:
            self._judge_s[group] = settled_s
        for job in self.ledger.ready:
            if self.group(job) != group or job in self.doomed:
                continue
            refusing = {host for host, word in words.items() if job < word.below}
            present = {*busy, *self._heard_s}
            everybody = now_s >= settled_s and bool(present) and present <= refusing
            if len(refusing) >= 3 or everybody:
                self.doomed[job] = refusing, present
