"""What a server or a worker says of itself, a line an event: for people, or as JSON for programs."""

import os
import time
from functools import cache
from typing import Protocol

from msgspec import json

from goq.adapters.files.log import Log
from goq.adapters.machine import host_name
from goq.core.state.records import (
    CancelRequested,
    CountersReset,
    JobDelegated,
    JobFinished,
    JobRequeued,
    JobsSubmitted,
    QueueRestored,
    RangeEnded,
    Record,
    ResultRefused,
    StrayEnded,
)
from goq.core.values.job import about_claim
from goq.core.values.result import Ended, Ending
from goq.core.values.text import printable, show_command, show_queue, shown_in_quotes
from goq.roles.said.saying import NOTE

_TROUBLE = " trouble"
_WARNINGS = frozenset(
    {
        "job lost",
        "jobs lost",
        "foreign queue",
        "job requeued",
        "lease lost",
        "log lines lost",
        "old queue",
        "queue changed",
        "refused",
        "result refused",
        "server silent",
    }
)
_ENDINGS = {
    Ending.FINISHED: "worker finished job",
    Ending.CANCELLED: "cancelled job",
    Ending.LOST: "lost job",
    Ending.SKIPPED: "skipped job",
}
_RANGE_ENDINGS = {
    Ending.FINISHED: ("could not be run", "jobs failed"),
    Ending.CANCELLED: ("were cancelled", "jobs cancelled"),
    Ending.LOST: ("are lost", "jobs lost"),
    Ending.SKIPPED: ("were skipped", "jobs skipped"),
}
_encode = json.Encoder().encode


@cache
def level_of(event: str) -> str:
    """Whether a person may want to look at it."""
    return "warning" if event in _WARNINGS or event.endswith(_TROUBLE) else "info"


class Voice(Protocol):
    """Makes a line of what is said."""

    def line(self, text: str, event: str, about: dict[str, int | str]) -> str: ...


class PlainVoice:
    """For people: when by the local clock, where, who, and a sentence. Peers chose some of the words in it."""

    def __init__(self, prefix: str) -> None:
        self._prefix = f"{host_name()} {prefix}"
        self._second = -1
        self._beginning = ""

    def line(self, text: str, _event: str, _about: dict[str, int | str]) -> str:
        second = int(time.time())
        if second != self._second:
            self._second = second
            self._beginning = time.strftime("%Y-%m-%d %H:%M:%S ", time.localtime(second)) + self._prefix
        return f"{self._beginning}{printable(text)}\n"


class JsonVoice:
    """For programs: one object, the same keys for the same kind of event (docs/operations.md)."""

    def __init__(self, role: str) -> None:
        self._who = {"role": role, "host": host_name(), "pid": os.getpid()}
        self._second = -1
        self._shown_second = ""

    def line(self, text: str, event: str, about: dict[str, int | str]) -> str:
        what = {"time": self._now(), "level": level_of(event), "event": event, **self._who}
        for name, value in about.items():
            what[name] = printable(value) if isinstance(value, str) else value
        what["message"] = printable(text)
        return _encode(what).decode() + "\n"

    def _now(self) -> str:
        second, rest_ns = divmod(time.time_ns(), 1_000_000_000)
        if second != self._second:
            self._second = second
            self._shown_second = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
        return f"{self._shown_second}.{rest_ns // 1_000_000:03d}Z"


class Narrator:
    """Collects the lines of a turn, and writes them at its end. A lost log is no reason to stop."""

    def __init__(self, voice: Voice, log: Log) -> None:
        self._line = voice.line
        self._log = log
        self._lines: list[str] = []
        self._lost = 0

    def say(self, text: str, event: str = NOTE, /, **about: int | str) -> None:
        """One line about ourselves."""
        self._lines.append(self._line(text, event, about))

    def tell(self, record: Record) -> None:
        """One line about a record, where people care for it."""
        match record:
            case JobsSubmitted():
                self._tell_submission(record)
            case JobDelegated(claim, worker, _):
                self.say(
                    f"dispatching job {claim.job} to worker '{worker.host}:{worker.pid}', attempt {claim.attempt}.",
                    "job delegated",
                    **about_claim(claim),
                    worker_host=worker.host,
                    worker_pid=worker.pid,
                )
            case JobRequeued(claim, reason):
                what = "has ended" if record.result else "is given up"
                self.say(
                    f"job {claim.job} waits again: {reason}, attempt {claim.attempt} {what}.",
                    "job requeued",
                    **about_claim(claim),
                    reason=reason,
                )
            case CancelRequested(job, signal):
                self.say(
                    f"job {job} is to be killed with signal {signal}; telling its worker.",
                    "cancel requested",
                    job=job,
                    signal=signal,
                )
            case ResultRefused(claim, status):
                self.say(
                    f"refused a late result of job {claim.job}: attempt {claim.attempt} was given up.",
                    "result refused",
                    **about_claim(claim),
                    status=status,
                )
            case QueueRestored():
                self._tell_restoration(record)
            case StrayEnded():
                self._tell_stray(record)
            case JobFinished(ended, _):
                self._tell_end(ended)
            case RangeEnded():
                self._tell_ends(record)
            case CountersReset():
                self.say("counters and the list of finished jobs are reset.", "counters reset")
            case _:
                return

    def flush(self) -> None:
        """Write what was said."""
        if not self._lines:
            return
        lines, self._lines = self._lines, []
        if not self._log.write("".join(lines)):
            self._lost += len(lines)
        elif self._lost:
            lost, self._lost = self._lost, 0
            text = f"{lost} lines before this could not be written to the log."
            self.say(text, "log lines lost", count=lost)
            self.flush()

    def _tell_submission(self, record: JobsSubmitted) -> None:
        what = record.submission
        first, last, count = what.first, what.end - 1, what.count
        command = show_command(what.argv) if what.argv else ""
        if count == 1:
            text = f"got job {first} submission. Will run {shown_in_quotes(command)}."
        else:
            later = f"; {record.to_come} of them are to come" if record.to_come else ""
            text = f"got {count} new jobs; ids [{first} : {last}] submitted{later}."
        self.say(
            text,
            "jobs submitted",
            first=first,
            last=last,
            count=count,
            submitter=what.origin.submitter,
            command=command,
        )

    def _tell_ends(self, record: RangeEnded) -> None:
        count, first, last = record.count, record.ranges[0][0], record.ranges[-1][1] - 1
        if record.ending is not Ending.FINISHED and count == 1:
            self._tell_end(record.ended(first))
            return
        why = f": {record.reason}" if record.reason else ""
        how, event = _RANGE_ENDINGS[record.ending]
        self.say(
            f"{count} jobs from {first} to {last} {how}{why}.",
            event,
            count=count,
            first=first,
            last=last,
            problem=record.reason,
        )

    def _tell_stray(self, record: StrayEnded) -> None:
        claim, status = record.claim, record.result.status
        self.say(
            f"stray: job {claim.job} has ended with exit status {status}; it was given after the copy was made,"
            f" and its output is below 'strays/{claim.epoch.number}.{claim.attempt}'.",
            "stray ended",
            **about_claim(claim),
            epoch=claim.epoch.number,
            status=status,
        )

    def _tell_restoration(self, record: QueueRestored) -> None:
        queue, epoch, next_job = show_queue(record.epoch.queue), record.epoch.number, record.next_job
        self.say(
            f"queue {queue} goes on with a copy, in epoch {epoch}: the next job has the number {next_job}.",
            "queue restored",
            queue=queue,
            epoch=epoch,
            first=record.first,
            next=next_job,
        )

    def _tell_end(self, ended: Ended) -> None:
        result = ended.result
        why = f"; job was ended: {result.problem}" if result.cause else ""
        if ended.ending is Ending.SKIPPED:
            why = f": {result.problem}"
        self.say(
            f"{_ENDINGS[ended.ending]} {ended.job}, exit status {ended.status}{why}.",
            f"job {ended.ending.value}",
            job=ended.job,
            attempt=ended.attempt,
            status=ended.status,
            signal=result.signal,
            worker_host=result.host,
            cause=result.cause,
            problem=result.problem,
        )


def server_voice() -> PlainVoice:
    """How a server speaks to people."""
    return PlainVoice(f"**** [jobserver pid {os.getpid()}] ")


def worker_voice(address: str) -> PlainVoice:
    """How a worker speaks to people."""
    return PlainVoice(f"---- [worker pid {os.getpid()}; {address}] ")
