"""Jobs that do nothing, while somebody watches them: what looking costs those that run."""

from collections.abc import Iterator
from contextlib import contextmanager

from bench.cluster import Cluster, a_cluster
from bench.figure import Counts, Figure, Judged, Measure, Readings, Row, at_least
from bench.figures.lines import run_jobs, run_lines
from bench.lab import Build, Lab, Running

_WORKERS = [["-j", "2"]]
_ON_A_TERMINAL = "import pty, sys; pty.spawn(sys.argv[1:])"
_WINDOW = ("TERM=xterm-256color", "LC_ALL=C.UTF-8", "COLUMNS=120", "LINES=40")


@contextmanager
def _watched(lab: Lab, build: Build, counts: Counts) -> Iterator[Measure]:
    def measure() -> Readings:
        without = run_lines(lab, build, counts.jobs, _WORKERS)["rate"]
        with a_cluster(lab, build) as cluster:
            cluster.goq("sub", "lines@", str(cluster.write_lines("true", counts.jobs)))
            open_top(cluster)
            return {"without": without, "top": run_jobs(cluster, counts.jobs, _WORKERS)["rate"]}

    yield measure


def open_top(cluster: Cluster) -> Running:
    """`goq top` on a terminal of its own, once it has drawn its page."""
    build = cluster.build
    running = cluster.launch("top", [build.python, "-c", _ON_A_TERMINAL, "env", *_WINDOW, build.goq, "top"])
    cluster.wait_until(lambda: b"WHERE, OR WHY NOT" in running.log.read_bytes(), "goq top draws nothing")
    return running


FIGURES = (
    Figure(
        "watched",
        (
            Row(
                "`true` jobs by lines@ while `goq top` is open",
                *("top", "jobs/s", "without", "without", Judged.RATIO, at_least(0.97)),
            ),
        ),
        _watched,
    ),
)
