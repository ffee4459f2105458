"""The times, in seconds, that a worker goes by. Pure."""

import math

from msgspec import Struct

NEVER = math.inf
RESEND_S = 2.0  # a question without an answer is asked again
REFUSED_PAUSE_S = 5.0  # and one that was refused, or a disk that was full, tried again
LONGEST_PATIENCE_S = 3600.0
FIRST_BEAT_S = 0.05
STREAM_EVERY_S = 1.0
FOLLOWED_EVERY_S = 0.1  # while somebody reads on in it
KEEP_AFTER_S = 0.25  # a result that the server does not take in this time goes to the disk
OPEN_S = 0.02  # so long a worker may have no question open, when it has nothing to say
REPORT_S = 0.015  # so long a report may wait for company
HAND_S = 0.03  # a hand should be worked off in this time
RETURN_S = 0.05  # and is returned when the job before it takes longer than this
STALE_S = 1.0  # whoever was frozen for so long may have lost the leases of jobs that wait

SAMPLES_FROM_S = 3.0  # a job is so old before somebody looks at what it uses
SAMPLE_EVERY_S = 10.0  # and then so often, at first oftener
LOOK_EVERY_S = 1.0  # so often at most a worker sees whether there is one, and how its machine is

PAUSE_S, LONGEST_PAUSE_S = 1.0, 60.0  # without asking for work, on a host that cannot start jobs
RELAUNCH_S = 0.25  # from the death of a shepherd that had begun nothing to the next one; doubles
LAST_DEATH = 5  # so many in a row, and there is no next one
TERM_S = 0.2  # a job that dies of a SIGTERM that nobody asked for may be the first of a shutdown
MEMORY = 10_000  # attempts that have been here and are gone


class Rules(Struct, frozen=True, gc=False):
    """What the settings say."""

    forever: bool
    timeout_s: float
    heartbeat_s: float
    kill_grace_s: float
