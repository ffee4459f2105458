"""What a worker says of its host, and of what becomes of a job. Pure."""

from msgspec.structs import replace

from goq.core.values.job import Course
from goq.core.values.result import UNKNOWN_STATUS
from goq.core.worker.desk import Desk
from goq.core.worker.events import Stopped
from goq.core.worker.health import Health
from goq.core.worker.work import Label

KILLED_WHEN_LOST = "its worker killed it, since its lease was lost"
RAN_BEFORE = "its worker has run it before, and knows no more how it ended"


def confession(how: Stopped | None) -> Stopped:
    """What is told of an attempt that was here before; `how` it ended, if that is known."""
    if how is None:
        return Stopped(0, 0, UNKNOWN_STATUS, 0, RAN_BEFORE, 0, 0.0, 0)
    return replace(how, problem=KILLED_WHEN_LOST)


def say_trouble(label: Label, problem: str, desk: Desk) -> None:
    """Its host lacks something."""
    desk.say(f"cannot start {label.name}: {problem}", "start trouble", label.about)


def say_cancelling(label: Label, signal: int, desk: Desk) -> None:
    """Somebody wants its end."""
    desk.say(f"cancelling {label.name}", "job being cancelled", label.about | {"signal": signal})


def say_lost(label: Label, desk: Desk) -> None:
    """Another attempt may be running."""
    desk.say(f"lost the lease of {label.name}; killing it", "lease lost", label.about)


def note_trouble(health: Health, desk: Desk, problem: str, now_s: float) -> None:
    """No job can do well on this host for now."""
    if health.has_trouble(problem, now_s):
        text = f"no job can be started on this host: {problem}; asking for work again later"
        desk.say(text, "host trouble", {"problem": problem})


def note_start(health: Health, desk: Desk) -> None:
    """A job has begun."""
    if health.problem:
        desk.say("jobs start on this host again", "host recovered", {})
    health.has_started()


def say_course(label: Label, before: Course, course: Course, desk: Desk) -> None:
    """Something else is wanted of a running job."""
    if course.back and not before.back:
        desk.say(f"handing back {label.name}", "job being handed back", label.about)
    elif course.paused and not before.paused:
        desk.say(f"pausing {label.name}", "job paused", label.about)
    elif before.paused and not course.paused:
        desk.say(f"resuming {label.name}", "job resumed", label.about)
