"""The server and the worker of `goq up`: one of each on this machine, in the background, for who has set up nothing.

What is there already is left as it is. The server is like any other, so others may join its cluster.
"""

import os
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from goq.adapters.clusterid import find_secret, require_secret
from goq.adapters.config import JOURNAL_FILE, Config, load_config
from goq.adapters.files.secretfile import make_private_folder
from goq.adapters.jobs.background import Started, end
from goq.adapters.kept import Kept, Pair, keep, log_file, read_pair, write_pair
from goq.adapters.machine import has_surely_ended, host_name, process_of
from goq.adapters.remembered import Remembered, Served, recall
from goq.adapters.settings import read_settings
from goq.adapters.wire.keys import who_of
from goq.adapters.wire.places import LOOPBACK, is_here, is_number
from goq.core.messages import ShowWorkers, Snapshot, TakeSnapshot, WorkerRow, WorkersShown
from goq.errors import CannotLaunch, GoqError, ServerUnreachable
from goq.roles.client.ask import ask
from goq.roles.client.contact import require_server

START_S = 30.0  # a server that reads a large journal takes longer, and is said to
END_SLACK_S = 20.0  # beyond the grace of jobs: for handing back, and for the last commit
OTHER_PORTS = 100  # that are tried where another user has the port
_LOOK_EVERY_S = 0.05
_QUEUE = "queue"  # the folder in GOQ_HOME of a queue that is nowhere else yet
Say = Callable[[str], None]


class Place(Struct, frozen=True):
    """Where a server is to be started, and what it needs to be told for it."""

    folder: Path
    variables: Mapping[str, str]


def bring_up(places: str, say: Say) -> None:
    """See that a server answers and that a worker runs here; `say` hears what was there and what is new.

    Raises GoqError: CannotLaunch with the last words of what did not start, ServerUnreachable when the server
    belongs to another machine.
    """
    config = load_config()
    pair = read_pair(config.home)
    if _answers(config):
        whose = "started by 'goq up'" if pair.server else "not started by 'goq up'"
        say(f"a job server is there already, at '{config.address}', {whose}.")
    else:
        config, pair = _with_server(config, pair, say)
    if pair.worker:
        pid = pair.worker.pid
        _await(pair.worker, "worker", config, lambda: _row_of(config, pid) is not None)
        say(f"a worker is there already, with {_at_once(_row_of(config, pid))}.")
    elif here := [each for each in _workers(config) if _works_here(config, each)]:
        count = "a worker runs" if len(here) == 1 else f"{len(here)} workers run"
        say(f"{count} here already, not started by 'goq up', so there is no new one.")
    else:
        _with_worker(config, pair, places, say)


def bring_down(say: Say) -> None:
    """End what `bring_up` has started here and still lives: the worker first, which hands back what it runs.

    Raises CannotLaunch when one of them does not end.
    """
    config = load_config()
    pair = read_pair(config.home)
    if pair.worker:
        running = _running(config, pair.worker)
        _end(config, pair.worker, "worker")
        pair = replace(pair, worker=None)
        write_pair(config.home, pair)
        back = {0: "", 1: ": 1 job went back to the queue"}.get(
            running, f": {running} jobs went back to the queue"
        )
        say(f"the worker has ended{back}.")
    if pair.server:
        waiting, others = _waiting(config), len(_found(config))
        _end(config, pair.server, "serve")
        write_pair(config.home, Pair())
        later = f"; {_jobs(waiting)} in its queue, for the next 'goq up'" if waiting else ""
        rest = f"; {_others(others)} for it" if others else ""
        say(f"the job server has ended{later}{rest}.")


# --- the server ------------------------------------------------------------------------------


def _answers(config: Config) -> bool:
    """A server of ours is there. Raises ServerUnreachable when it is told where it is, and is another cluster's."""
    if find_secret(config) is None:
        return False
    try:
        require_server(config)
    except ServerUnreachable:
        return False
    try:
        return isinstance(ask(config, TakeSnapshot(0)), Snapshot)
    except ServerUnreachable:
        if _is_told(config):
            raise
        return False  # somebody else's, on a machine of many users


def _own_host(config: Config) -> str:
    """What the server calls this machine, where a worker with our secret is."""
    return who_of(require_secret(config)).host(host_name())


def _works_here(config: Config, row: WorkerRow) -> bool:
    """A worker of this host, and not one that is dead: the server may not have missed that yet."""
    return row.host == _own_host(config) and not has_surely_ended(process_of(row.pid))


def _is_told(config: Config) -> bool:
    return recall(config.home) is not None or bool(read_settings().text("GOQ_JSERV_PORT"))


def _with_server(config: Config, pair: Pair, say: Say) -> tuple[Config, Pair]:
    if is_number(config.ip) and not is_here(config.ip):
        require_server(config)  # which says where it belongs
    if pair.server:
        _await(pair.server, "serve", config, lambda: _answers(load_config()))
        say(f"a job server is there already, at '{config.address}', started by 'goq up'.")
        return config, pair
    had = recall(config.home)
    place = _place(config)
    started = Started(["serve"], place.folder, log_file(config.home, "serve"), os.environ | place.variables)
    pair = replace(pair, server=keep(started.pid))
    write_pair(config.home, pair)
    _await(started, "serve", config, lambda: _answers(load_config()))
    config = load_config()
    say(f"job server started at '{config.address}', {_where(config, place, had)}.")
    return config, pair


def _where(config: Config, place: Place, had: Remembered | None) -> str:
    """Where its queue and its outputs are, and why not in GOQ_HOME."""
    before = ", where it was before" if had and had.served and place.folder != config.home / _QUEUE else ""
    known = recall(config.home)
    outputs = f", and outputs in '{known.served.outputs}'" if known and known.served else ""
    return f"with its queue in '{place.folder}'{before}{outputs}"


def _place(config: Config) -> Place:
    """Where the queue was that is remembered, else in GOQ_HOME; on another port where that one is taken."""
    known = recall(config.home)
    served = known.served if known else None
    variables = {} if _is_told(config) else {"GOQ_JSERV_PORT": str(_free_port(config))}
    if served and served.host == host_name() and (served.folder / JOURNAL_FILE).exists():
        return _again(served, variables)
    return Place(make_private_folder(config.home / _QUEUE), variables)


def _again(served: Served, variables: dict[str, str]) -> Place:
    """As it was, whatever settings say by now: a queue stays one queue."""
    folder = served.folder.parent if served.folder.name == ".goq" else served.folder
    there = {"GOQ_JOURNAL": str(served.folder), "GOQ_ODIR": str(served.outputs)}
    return Place(folder, variables | there)


def _free_port(config: Config) -> int:
    ports = range(config.port, config.port + OTHER_PORTS)
    return next(
        (port for port in ports if all(_is_free(ip, port) for ip in (LOOPBACK, config.ip))), config.port
    )


def _is_free(ip: str, port: int) -> bool:
    """Nobody listens there; a guess, since somebody may at any moment."""
    family = socket.AF_INET6 if ":" in ip else socket.AF_INET
    with suppress(OSError), socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((ip, port))
        return True
    return False


# --- the worker ------------------------------------------------------------------------------


def _with_worker(config: Config, pair: Pair, places: str, say: Say) -> None:
    words = ["work", "forever", "-j", places]
    started = Started(words, config.home, log_file(config.home, "work"), os.environ)
    write_pair(config.home, replace(pair, worker=keep(started.pid)))
    _await(started, "work", config, lambda: _row_of(config, started.pid) is not None)
    say(f"worker started, with {_at_once(_row_of(config, started.pid))}; logs are in '{config.home}'.")


def _row_of(config: Config, pid: int) -> WorkerRow | None:
    """What the server knows of our worker, if it does."""
    rows = (row for row in _workers(config) if row.host == _own_host(config) and row.pid == pid)
    return next(rows, None)


def _at_once(row: WorkerRow | None) -> str:
    count = row.running + row.free if row else 0
    return "1 job at a time" if count == 1 else f"{count} jobs at once"


def _workers(config: Config) -> tuple[WorkerRow, ...]:
    answer = ask(config, ShowWorkers())
    return answer.rows if isinstance(answer, WorkersShown) else ()


def _await(process: Started | Kept, role: str, config: Config, is_there: Callable[[], bool]) -> None:
    """Until it is there. Raises CannotLaunch when it has ended, or takes too long."""
    log, deadline = log_file(config.home, role), time.monotonic() + START_S
    while not is_there():
        if not process.lives:
            words = process.last_words() if isinstance(process, Started) else ""
            raise CannotLaunch(f"'goq {role}' has ended at its start: {words or f'{log} may say why'}")
        if time.monotonic() > deadline:
            raise CannotLaunch(
                f"'goq {role}' (pid {process.pid}) is not there after {START_S:g} s; {log} may say why,"
                " and 'goq down' ends it"
            )
        time.sleep(_LOOK_EVERY_S)


# --- the end -----------------------------------------------------------------------------------


def _end(config: Config, kept: Kept, role: str) -> None:
    if not end(kept, config.kill_grace_s + END_SLACK_S):
        raise CannotLaunch(
            f"the process {kept.pid} of 'goq up' has not ended yet; {log_file(config.home, role)} may say why"
        )


def _found(config: Config) -> tuple[WorkerRow, ...]:
    """The workers, as far as there is a server to tell."""
    try:
        require_server(config)
        return _workers(config)
    except GoqError:
        return ()


def _running(config: Config, worker: Kept) -> int:
    rows = _found(config)
    return sum(row.running for row in rows if row.host == _own_host(config) and row.pid == worker.pid)


def _waiting(config: Config) -> int:
    try:
        require_server(config)
        answer = ask(config, TakeSnapshot(0))
    except GoqError:
        return 0
    count = answer.counters.get("waitingJobs", 0) if isinstance(answer, Snapshot) else 0
    return count if isinstance(count, int) else 0


def _others(count: int) -> str:
    return "1 other worker waits" if count == 1 else f"{count} other workers wait"


def _jobs(count: int) -> str:
    return "1 job waits" if count == 1 else f"{count:,} jobs wait"
