"""What a running job uses, as its worker has said so far. Pure."""

from msgspec import Struct

from goq.core.values.ids import JobId


class Step(Struct, frozen=True, array_like=True, gc=False):
    """Until `at_ns` the job had used so much cpu time; since the step before this one it had so much memory at most."""

    at_ns: int
    cpu_s: float
    resident_kib: int


class Use(Struct, frozen=True, omit_defaults=True):
    """What an attempt uses that began at `begun_ns`: when it was looked at last, the most memory so far, and its steps.

    `cpus` is how many were busy between the last two looks.
    """

    job: JobId
    attempt: int
    begun_ns: int
    at_ns: int
    cpu_s: float
    cpus: float
    resident_kib: int
    most_kib: int
    most_at_ns: int
    steps: tuple[Step, ...] = ()
