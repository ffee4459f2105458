"""`goq config`: each setting, its value, and where it comes from."""

from json import loads
from pathlib import Path
from typing import Any

import pytest

from goq.adapters.settings import SECRETS, VARIABLES, key_of
from system.cluster import Cluster
from system.test_bad_input import complaint


def file_of(cluster: Cluster) -> Path:
    path = cluster.home.parent / ".config" / "goq" / "config.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def rows(cluster: Cluster, **env: str | None) -> dict[str, dict[str, Any]]:
    shown = loads(cluster.done("config", "--json", env=env))
    assert (1, "config") == (shown["goq"], shown["kind"])
    assert str(file_of(cluster)) == shown["file"]
    return {row["name"]: row for row in shown["rows"]}


def test_each_setting_is_shown_with_its_source(served: Cluster) -> None:
    """A variable, a line of the file, what is remembered, a default."""
    file_of(served).write_text("# mine\nlease_sec = 120\nheartbeat_sec = 1\n")
    found = rows(served, GOQ_HEARTBEAT_SEC="2", GOQ_JSERV_IP=None, GOQ_JSERV_PORT=None)

    assert [*map(key_of, (*VARIABLES, *SECRETS))] == list(found)
    lease = found["lease_sec"]
    assert (120, "file", str(file_of(served)), 2) == tuple(
        lease[key] for key in ("value", "source", "place", "line")
    )
    assert (2, "variable") == (found["heartbeat_sec"]["value"], found["heartbeat_sec"]["source"])
    for name, value in (("jserv_ip", "127.0.0.1"), ("jserv_port", served.port)):
        row = found[name]
        assert (value, "remembered", str(served.home / "server")) == (
            row["value"],
            row["source"],
            row["place"],
        )
    assert (5, "default") == (found["crash_limit"]["value"], found["crash_limit"]["source"])


def test_the_table_says_the_same(served: Cluster) -> None:
    """For people."""
    file_of(served).write_text("lease_sec = 120\n")
    lines = {line.split()[0]: line.split(None, 2)[1:] for line in served.done("config").splitlines()}

    assert ["120", f"{file_of(served)}, line 1"] == lines["lease_sec"]
    assert ["127.0.0.1", "GOQ_JSERV_IP"] == lines["jserv_ip"]
    assert ["5", "default"] == lines["crash_limit"]


@pytest.mark.parametrize("words", [(), ("--json",)])
def test_no_secret_is_shown(served: Cluster, words: tuple[str, ...]) -> None:
    """What is shown is copied into reports of faults."""
    secret = served.done("clusterid", "--current").strip()
    variable = "ab" * 20

    assert secret not in served.done("config", *words)
    assert variable not in served.done("config", *words, env={"GOQ_CLUSTERID": variable})


def test_the_file_holds_for_servers_workers_and_commands(cluster: Cluster) -> None:
    """One line instead of a variable in each shell."""
    del cluster.env["GOQ_JSERV_IP"]
    file_of(cluster).write_text('jserv_ip = "127.0.0.1"\nodir = "results"\n')
    cluster.start_server()
    cluster.start_worker()
    job = cluster.submit("echo", "hi")

    assert 0 == cluster.status(job)
    assert b"hi\n" == (cluster.here / "results" / "out.00001").read_bytes()


@pytest.mark.parametrize("command", ["stat", "config", "serve", "work", "up"])
def test_a_bad_line_is_refused_by_every_command(cluster: Cluster, command: str) -> None:
    """In one line, and nothing is started."""
    file_of(cluster).write_text("lease_sec = 90\nleese_sec = 120\n")
    line = complaint(cluster.goq(command), 1)

    assert f"{file_of(cluster)}, line 2: 'leese_sec' is no setting" in line
