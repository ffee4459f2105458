"""How the cluster and its workers are, as people and programs see it: the picture of one afternoon."""

import json

from msgspec.structs import replace

from goq.core.values.asides import Today
from goq.core.values.cluster import Cluster, NeedsLook, Parts, Runs, UserRow, WorkerRow
from goq.core.values.documents import document, iso
from goq.core.values.ids import JobId
from goq.core.values.moments import NS
from goq.core.values.reasons import Lack, LimitMet, Reason
from goq.core.values.room import Offer
from goq.views.cluster_rows import stat_row, worker_row
from goq.views.machines import place_lines, worker_lines
from goq.views.paper import Paper
from goq.views.stat import stat_lines

NOW = 1_764_167_530 * NS  # 14:32:10
SCREEN = Paper(80, is_terminal=True, now_ns=NOW)
TODAY = Today(6637, 38, 5, 2, 0, 1 << 30, 1 << 40, 1 << 41)
USERS = (
    UserRow("ann", 72, 0, 72, 3481, Reason("room", lack=Lack("cpus", 1, 0, busy=True, total=176)), JobId(9)),
    UserRow("bob", 44, 8, 9, 21, Reason("room", lack=Lack("gpus", 1, 0, busy=True, total=8)), JobId(8)),
    UserRow("cy", 40, 0, 40, 351, Reason("limit", limit=LimitMet("array:7", 40, 40, 1)), JobId(7), "sweep"),
)
LOOK = (
    NeedsLook("silent", "g22", 42.0, 18.0, 8),
    NeedsLook("nowhere", job=JobId(14855), reason=Reason("nowhere", lack=Lack("gpus", 8, 4))),
    NeedsLook("failed", job=JobId(4211), name="fold", jobs=37, total=10_000),
)
LAB = Cluster(
    *("lab", "tcp://head:1776", NOW - (12 * 86400 + 4 * 3600) * NS, 3853, 0, 121, 0, 6),
    *(Parts(156, 20, 0, 32), Parts(8, 0, 0, 0), Parts(520 * 1024, 0, 600 * 1024, 160 * 1024)),
    USERS,
    0,
    LOOK,
)
EMPTY = replace(LAB, waiting=0, running=0, cpus=Parts(), gpus=Parts(), memory=Parts(), users=(), look=())


def test_the_cluster_on_a_screen() -> None:
    """As the picture has it, but for the widths of bars."""
    assert [
        "lab  tcp://head:1776  up 12d 4h                                         14:32:10",
        "",
        "jobs  ▸ 121 running   · 3,853 waiting   since midnight ✓ 6,637  ✗ 40",
        "cpus  ━━━━━━━━━━━━━━━━━━━━━━━━━━━╍╍╍//////  156 of 176 busy, 20 kept",
        "gpus  ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━  8 of 8 busy",
        "mem   ━━━━━━━━━━━━━━━·················////  520 of 1,280 GiB asked",
        "",
        "USER  CPUS  GPUS  RUNNING  WAITING  MOST WAIT FOR",
        "ann     72     -       72    3,481  a free cpu: all are busy",
        "bob     44     8        9       21  a free gpu: all 8 are busy",
        "cy      40     -       40      351  their own limit: sweep runs 40 at once",
        "",
        "? g22 is silent for 42s; its 8 jobs go to others in 18s          goq workers g22",
        "! 14855 can run nowhere: no machine has 8 gpus                     goq why 14855",
        "✗ 37 of 10,000 in 4211 fold failed                                  goq why 4211",
    ] == list(stat_lines(LAB, TODAY, SCREEN))


def test_a_cluster_without_jobs_says_what_to_do() -> None:
    """With no worker, that too."""
    assert (
        "Nothing waits, nothing runs.   goq sub bash -c 'echo hello'"
        == list(stat_lines(EMPTY, TODAY, SCREEN))[-1]
    )
    lonely = replace(EMPTY, workers=0, waiting=3, look=(NeedsLook("no_workers", jobs=3),))
    assert (
        "! No machine works here; jobs wait.   goq work forever -j 8"
        == list(stat_lines(lonely, TODAY, SCREEN))[-1]
    )
    assert "All is well." == list(stat_lines(replace(LAB, look=()), TODAY, SCREEN))[-1]


def test_a_disk_that_is_nearly_full_is_told_and_five_things_are_enough() -> None:
    full = replace(TODAY, free_bytes=1 << 29)
    lines = list(stat_lines(replace(LAB, look=LOOK * 3), full, SCREEN))

    assert "! the disk of the journal has 512 MiB left" == lines[-6]
    assert "5 things more:  goq stat --json" == lines[-1]


def row(name: str) -> WorkerRow:
    """A worker with 32 cpus, all of them busy with one array."""
    plain = WorkerRow(name, 7, Offer(32, 128 * 1024), 32, 0, {"cpus": 32, "memory": 65536}, (), (), 1.0, "")
    jobs = tuple(Runs(JobId(n), f"1.{n}", "fold", "ann", NOW - 60 * NS, JobId(1)) for n in range(1, 33))
    return replace(plain, jobs=jobs)


WORKERS = (
    row("n11"),
    replace(
        row("n13"), taken={}, running=0, jobs=(), state="drained", drained_by="ann", drained_why="disk swap"
    ),
    replace(row("n14"), offer=Offer(64), taken={"cpus": 44}, kept_for=JobId(14252), kept_cpus=20),
    replace(row("g22"), offer=Offer(24, 0, ("0", "1", "2")), taken={"cpus": 24, "gpus": 2}, state="suspect"),
)


def test_the_workers_on_a_screen() -> None:
    """States by sign and word; what is the matter comes before what runs."""
    suspect = replace(WORKERS[3], silent_s=42.0, left_s=18.0)

    assert [
        "NAME  STATE      CPUS            GPUS     GIB  WHAT RUNS",
        "n11   ✓ ready    ━━━━━━━━ 32/32  -     64/128  fold \N{MULTIPLICATION SIGN}32",
        "n13   / drained  ////////  0/32  -      0/128  by ann: disk swap",
        "n14   ✓ ready    ━━━━━━╍╍ 44/64  -          -  keeps room for 14252",
        "g22   ? suspect  ━━━━━━━━ 24/24  ■■·        -  silent for 42s, given up in 18s",
        "4 machines, 156 of 176 cpus busy, 20 kept, 32 drained             goq drain NAME",
    ] == list(worker_lines((*WORKERS[:3], suspect), Parts(156, 20, 0, 32), SCREEN))


def test_the_places_of_one_machine() -> None:
    lines = list(place_lines((WORKERS[0],), SCREEN))

    assert ["n11, pid 7  ✓ ready", "32 of 32 cpus, 64.0 of 128.0 GiB; 0 free places"] == lines[:2]
    assert " JOB  NAME  USER  FOR  CPUS  BUSY  GIB  IN USE  GPUS" == lines[2]
    assert " 1.1  fold  ann    1m     1     -    -       -  -" == lines[3]
    assert 32 == len(lines) - 3


def test_what_jobs_and_machines_use_is_shown_as_far_as_it_is_known() -> None:
    """On a wide screen of each worker, of one machine always."""
    job = replace(WORKERS[0].jobs[0], memory=2048, busy=0.97, resident_kib=1300 << 10)
    known = replace(
        WORKERS[0], load=31.84, in_use_kib=70 << 20, started_ns=NOW - 7200 * NS, jobs=(job,), silent_s=1.4
    )
    silent = replace(WORKERS[3], silent_s=42.0, load=None, started_ns=NOW - 60 * NS)
    wide = [line.split() for line in worker_lines((known, silent, WORKERS[2]), Parts(), replace_width(120))]
    lines = list(place_lines((known,), SCREEN))

    assert ["LOAD", "SEEN", "UP"] == wide[0][5:8]
    assert ["64/128", "31.8", "1s", "2h"] == wide[1][6:10]
    assert ["-", "?", "42s", "1m"] == wide[2][6:10]
    assert ["-", "-", "1s", "-"] == wide[3][6:10]
    assert "load 31.8, 70 GiB in use, up 2h" == lines[2]
    assert ["1", "1.0", "2.0", "1.3"] == lines[4].split()[4:8]


def replace_width(width: int) -> Paper:
    return SCREEN._replace(width=width)


def test_in_a_pipe_nothing_is_cut_and_no_sign_is_shown() -> None:
    """Times are in ISO 8601."""
    workers = (replace(WORKERS[1], started_ns=NOW - 60 * NS, load=0.5), *WORKERS[2:], WORKERS[0])
    lines = [line.split("\t") for line in worker_lines(workers, Parts(), Paper(now_ns=NOW))]

    standing = ["0.5", iso(NOW - NS), iso(NOW - 60 * NS)]
    assert ["n13", "drained", "0/32", "-", "0/128", *standing, "by ann: disk swap"] == lines[1]
    assert 5 == len(lines)


def test_programs_read_the_same_numbers() -> None:
    """Sizes in bytes, times in ISO 8601, what is not there is absent."""
    worker = json.loads(document("workers", NOW, 1, [worker_row(WORKERS[0], NOW)]))["rows"][0]
    stat = json.loads(document("stat", NOW, 1, [stat_row(LAB, TODAY, SCREEN)]))["rows"][0]

    known = worker_row(replace(WORKERS[0], load=0.5, in_use_kib=3, started_ns=NOW - NS), NOW)
    told = json.loads(document("workers", NOW, 1, [known]))["rows"][0]
    assert (0.5, 3072, iso(NOW - NS)) == (told["load"], told["in_use_bytes"], told["started_at"])
    assert not {"load", "in_use_bytes", "started_at"} & worker.keys()
    assert ({"cpus": 32, "mem_bytes": 1 << 37}, "ready", 32) == (
        worker["offers"],
        worker["state"],
        len(worker["jobs"]),
    )
    assert "kept_for" not in worker
    assert "2025-11-26T14:32:09.000Z" == worker["seen_at"]
    assert {"busy": 156, "kept": 20, "free": 0, "drained": 32} == stat["cpus"]
    assert [("silent", "goq workers g22"), ("nowhere", "goq why 14855"), ("failed", "goq why 4211")] == [
        (look["code"], look["command"]) for look in stat["look"]
    ]
    assert 6637 == stat["jobs"]["done"]
