"""Which faults a run has, how many, and how far apart."""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace

from faults.injector import Injector, Kind
from faults.submitter import Load

FOREVER_S = 86_400.0
# Jobs that are submitted alone are long now and then: such outlive a lost lease, and the time after it
# in which their worker may learn of it. A short run cannot wait for those.
_MANY = Load(
    users=2, backlog=400, longest_s=(0, 3, 9), alone=(60, 25, 15), in_lines=(99, 1, 0), most_lines=120
)
_LONG = replace(_MANY, has_gpus=True, longest_s=(0, 3, 9, 30), alone=(60, 25, 10, 5), in_lines=(99, 1, 0, 0))
_LONG_FROM_S = 60.0
# A server that lives half a second finds all slots taken, and more to do.
_STEADY = Load(
    users=3, backlog=1500, longest_s=(0, 0.3, 3), alone=(50, 48, 2), in_lines=(60, 40, 0), most_lines=200
)


@dataclass(frozen=True)
class Profile:
    """The plan of a run: it injects until so many faults are done, or so many seconds are over."""

    name: str
    seconds: float
    count: float
    load: Load
    kinds: Callable[[Injector], list[tuple[Kind, int]]]
    pause_s: Callable[[random.Random], float]
    away_s: float  # a server that was killed is started again within this
    busy_from: int  # no fault with fewer live jobs, nor before some were begun or ended since the last fault


def mixed(seconds: float, count: float, every_s: float) -> Profile:
    """Every kind of fault, at any moment, some of them at once."""

    def pause_s(chance: random.Random) -> float:
        return min(4 * every_s, chance.expovariate(1 / every_s))

    load = _LONG if seconds >= _LONG_FROM_S else _MANY
    return Profile("mixed", seconds, count, load, Injector.mixed, pause_s, away_s=1.0, busy_from=0)


def server_kills(seconds: float, count: float) -> Profile:
    """kill -9 of the server and nothing else, while short jobs are submitted, begun and ended."""

    def kinds(injector: Injector) -> list[tuple[Kind, int]]:
        return [
            (injector.kill_server_at_once, 2),
            (injector.kill_server_on_request, 2),
            (injector.kill_server_on_answer, 1),
        ]

    def pause_s(chance: random.Random) -> float:
        return chance.uniform(0.0, 0.2)

    return Profile("server-kills", seconds, count, _STEADY, kinds, pause_s, away_s=0.05, busy_from=100)
