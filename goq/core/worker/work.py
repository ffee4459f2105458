"""What an agent knows of an attempt, from its start until its result is on its way. Pure."""

from functools import lru_cache

from msgspec import Struct

from goq.core.values.job import STRAIGHT_ON, Claim, Course, Job, about_claim
from goq.core.values.text import show_command, show_folder, shown_in_quotes
from goq.core.worker.events import Stopped
from goq.core.worker.rules import FIRST_BEAT_S, FOLLOWED_EVERY_S, NEVER, STREAM_EVERY_S


class Label(Struct, frozen=True):
    """An attempt for whoever reads the log: its `name` for people, the rest for programs."""

    name: str
    about: dict[str, int | str]


def label(job: Job, claim: Claim) -> Label:
    """What to call the attempt."""
    command, folder = show_command(job.argv), _shown_folder(job.origin.folder)
    about = about_claim(claim)
    about["command"], about["folder"] = command, folder
    return Label(f"job {job.id}: {shown_in_quotes(command)} in '{folder}'", about)


_shown_folder = lru_cache(16)(show_folder)  # of many jobs the same


class Work(Struct):
    """One attempt. Times are those of the agent's clock; `begun_s` is when those before it had ended."""

    claim: Claim
    label: Label
    begun_s: float = NEVER
    beat_at: float = NEVER
    measure_at: float = NEVER
    beat: int = 0  # the number of the heartbeat that is open, 0 if none is
    told: int = 0  # the signal that the server wanted it killed with
    course: Course = STRAIGHT_ON  # what else the server wants of it
    is_lost: bool = False
    has_ended: bool = False
    is_delivering: bool = False  # its output goes apart from the result: it is long, or grows slowly
    is_reporting: bool = False  # that output is with the server, and the result on its way
    how: Stopped | None = None  # it ended
    decide_s: float = NEVER  # when its end counts as its own, and not as the beginning of a shutdown

    def begin(self, now_s: float) -> None:
        """Nothing runs before it any more."""
        self.begun_s = now_s
        self.beat_at = now_s + FIRST_BEAT_S
        self.measure_at = now_s + STREAM_EVERY_S

    def follow(self, course: Course, now_s: float) -> Course:
        """Something else is wanted of it; what was, before."""
        before, self.course = self.course, course
        if course.followed and not before.followed:
            self.measure_at = min(self.measure_at, now_s)
        return before

    @property
    def next_beat_s(self) -> float:
        """When a heartbeat is due; none beside another, nor beside the result."""
        return NEVER if self.beat or self.is_reporting else self.beat_at

    @property
    def stream_every_s(self) -> float:
        """How often its output goes to the server."""
        return FOLLOWED_EVERY_S if self.course.followed else STREAM_EVERY_S

    @property
    def next_measure_s(self) -> float:
        """When to see whether there is output to bring to the server while the job runs."""
        return NEVER if self.has_ended or self.is_delivering else self.measure_at
