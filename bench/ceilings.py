"""What stands beside the figures: the machine itself, doing as little as the figure lets it."""

from bench.cluster import Cluster
from bench.figure import Readings
from bench.lab import HERE, Build, Failed, Lab


def spawn_loop(lab: Lab, build: Build, count: int) -> Readings:
    """`spawn`: starts a second of /bin/true by two Python processes; `spawn_us`: what each costs."""
    told = lab.run_json([build.python, str(HERE / "spawning.py"), str(count)])
    return {name: float(number) for name, number in told.items()}


def vfork_loop(lab: Lab, count: int) -> float:
    """The same in C; 0 where there is no compiler."""
    program = lab.program("spawning")
    return float(lab.run([str(program), str(count)])) if program else 0.0


def durable_rows(lab: Lab, build: Build, count: int, each: int) -> float:
    """Rows a second into SQLite, synced every `each` rows."""
    path = lab.folder("durable") / "rows.sqlite"
    return float(lab.run([build.python, str(HERE / "durable.py"), str(path), str(count), str(each)]))


def round_trips(lab: Lab, build: Build, count: int) -> float:
    """Round trips a second over goq's own sockets, with nothing said in them."""
    cluster = Cluster(lab, build)
    cluster.env["GOQ_CLUSTERID"] = "0" * 40
    server = cluster.start_simulation("echo_server", 0)
    try:
        rate = cluster.simulate("echo", count)
    finally:
        server.end()
    if not isinstance(rate, float):
        raise Failed(f"not a rate: {rate}")
    return rate
