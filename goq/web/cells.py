"""Machines as rows of cells: a block a kind of job, a mark a cpu, gpus below. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from goq.core.values.shown import JobRow
from goq.views import maps
from goq.views.maps import Block
from goq.views.numbers import count, size
from goq.views.style import user_fill
from goq.web.rows import Shown

_GPU_HEIGHT = 20


class Machine(NamedTuple):
    """A machine: all workers of a host together. Memory in bytes, 0 where it has no bound."""

    name: str
    state: Shown
    note: str  # what there is to say of it
    cpus: int
    busy: int
    kept: int
    memory: int
    taken: int
    gpus: Sequence[str]
    jobs: Sequence[JobRow]
    is_suspect: bool = False
    is_drained: bool = False
    keeps: int = 0  # the job that room is kept for

    @property
    def sides(self) -> list[str]:
        """What is given out, in words."""
        cpus = f"{count(self.busy)} of {count(self.cpus)} cpus" if self.cpus else f"{count(self.busy)} cpus"
        return [
            cpus,
            f"{_gib(self.taken)} of {size(self.memory)}" if self.memory else f"{size(self.taken)} taken",
        ]


class Drawn(NamedTuple):
    """A machine, and its pictures."""

    machine: Machine
    cells: str
    gpus: str


def _gib(number: int) -> str:
    return count(round(number / 2**30))


def ranks_of(jobs: Iterable[JobRow]) -> dict[str, int]:
    """Which colour each owner has: by their names, so that it stays."""
    return {owner: rank for rank, owner in enumerate(sorted({job.owner for job in jobs}))}


def drawn(machine: Machine, ranks: Mapping[str, int], url: str, height: int = 26) -> Drawn:
    """The pictures of a machine. `url` is what the address of a job begins with."""
    total = machine.cpus or machine.busy or 1
    blocks = list(_blocks(machine, ranks, url))
    if machine.kept:
        blocks.append(Block(f"{count(machine.kept)} kept for {machine.keeps}", machine.kept, "f-kept"))
    if machine.is_drained and not blocks:
        blocks = [Block("out of service", total, "f-free")]
    cells = maps.machine(f"cpus of {machine.name}", blocks, total, height, is_suspect=machine.is_suspect)
    return Drawn(machine, cells, _gpus(machine, ranks, url) if machine.gpus else "")


def _blocks(machine: Machine, ranks: Mapping[str, int], url: str) -> Iterable[Block]:
    kinds: dict[tuple[str, str, str], list[JobRow]] = {}
    for job in sorted(machine.jobs, key=lambda job: job.array or job.id):
        which = str(job.array) if job.array else job.shown
        kinds.setdefault((which, job.name or which, job.owner), []).append(job)
    for (which, name, owner), jobs in kinds.items():
        cpus = sum(job.needs.cpus for job in jobs)
        many = len(jobs) > 1
        text = f"{name} ×{count(len(jobs))}" if many else name  # noqa: RUF001 - the sign for it
        each = f"{count(len(jobs))} × {jobs[0].needs.cpus} cpus" if many else f"{cpus} cpus"  # noqa: RUF001
        yield Block(
            text,
            cpus,
            user_fill(ranks.get(owner, 0)),
            f"{name} of {owner}: {each}",
            url + (which if many else jobs[0].shown),
        )


def _gpus(machine: Machine, ranks: Mapping[str, int], url: str) -> str:
    holders = {gpu: job for job in machine.jobs for gpu in job.gpus or ()}
    blocks = []
    for gpu in machine.gpus:
        job = holders.get(gpu)
        if job is None:
            blocks.append(Block(f"gpu {gpu}", 1, "f-free"))
        else:
            fill, what = user_fill(ranks.get(job.owner, 0)), f"{job.name or job.shown} of {job.owner}"
            blocks.append(
                Block(
                    f"gpu {gpu} [{job.item if job.array else job.id}]",
                    1,
                    fill,
                    f"gpu {gpu}: {what}",
                    url + job.shown,
                )
            )
    return maps.machine(f"gpus of {machine.name}", blocks, len(machine.gpus), _GPU_HEIGHT)
