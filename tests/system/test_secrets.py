"""The cluster id: who has it can run anything as its owner, so it must be nowhere else."""

from pathlib import Path

from namespaces import mounted

from system.cluster import Cluster
from system.jobs import held_until, touch


def test_the_cluster_id_is_in_no_log_journal_output_or_command_line(working: Cluster) -> None:
    """Logs are sent around, journals are copied, command lines are seen by everybody."""
    secret = (working.here / ".goqclusterid").read_text().strip()
    env = {"GOQ_CLUSTERID": secret, "COPY": f"x{secret}x"}
    gate = working.folder / "gate"
    job = working.submit(*held_until(gate, "env"), env=env)
    working.wait_for_start(job)
    command_lines = [Path(f"/proc/{daemon.pid}/cmdline").read_bytes() for daemon in working.daemons[:2]]
    touch(gate)
    working.status(job)
    working.daemons[0].stop()
    kept = [
        path
        for place in (working.here / ".goq", working.here / "o", working.logs)
        for path in place.iterdir()
    ]
    holders = [path.name for path in kept if path.is_file() and secret.encode() in path.read_bytes()]

    assert [] == holders
    assert not any(secret.encode() in line for line in command_lines)


def test_only_the_two_files_meant_for_it_hold_the_cluster_id(working: Cluster) -> None:
    """Everything that the cluster has written anywhere, while it runs and after."""
    secret = (working.here / ".goqclusterid").read_bytes().strip()
    working.run_all(("true",), ("false",), ("./missing",))
    everything = [path for path in working.folder.rglob("*") if path.is_file()]
    holders = {path for path in everything if secret in path.read_bytes()}

    assert {working.here / ".goqclusterid", working.home / "goqclusterid"} == holders


def shown(working: Cluster, *words: str, env: dict[str, str]) -> set[str]:
    """The variables of a job that `goq sub` was given these words for, each as K=V."""
    return set(working.run(*words, "env", env=env).decode().splitlines())


def test_what_a_user_never_sends_reaches_no_job_and_no_journal(working: Cluster) -> None:
    """It is held back before it travels; who asks for it by its name has it."""
    file = working.home.parent / ".config" / "goq" / "config.toml"
    file.parent.mkdir(parents=True)
    file.write_text('never_send = ["AWS_*", "*_token"]\n')
    env = {"AWS_SECRET": "never-1", "HF_TOKEN": "never-2", "SEED": "7"}
    plain = shown(working, env=env)
    journal = b"".join(each.read_bytes() for each in (working.here / ".goq").iterdir())
    asked = shown(working, "-e", "HF_TOKEN", env=env)

    assert {"SEED=7"} == plain & {"SEED=7", "AWS_SECRET=never-1", "HF_TOKEN=never-2"}
    assert b"never-" not in journal
    assert {"SEED=7", "HF_TOKEN=never-2"} == asked & {"SEED=7", "AWS_SECRET=never-1", "HF_TOKEN=never-2"}
    assert "never_send AWS_* *_token" in " ".join(working.done("config").split())


def test_a_clean_environment_may_be_the_rule(working: Cluster) -> None:
    """And is undone by a word."""
    env = {"GOQ_CLEAN_ENV": "true", "SEED": "7"}
    plain, undone = shown(working, env=env), shown(working, "--no-clean-env", env=env)

    assert "SEED=7" not in plain
    assert "SEED=7" in undone


def test_what_the_host_s_file_says_holds_for_all_its_users(working: Cluster) -> None:
    """Whoever keeps a host knows which variables its people carry."""
    made = working.folder / "etc"
    (made / "goq").mkdir(parents=True)
    (made / "goq" / "config.toml").write_text('never_send = ["*PASSWORD*"]\n')
    host = mounted('mount -t overlay -o "lowerdir=$1:/etc" none /etc', made)
    working.env["DB_PASSWORD"] = "never-3"
    submitted = working.goq_by(host, "sub", "env")
    table = working.goq_by(host, "config").stdout.decode()
    working.wait_for_end(1)

    assert b"submitted job 1 " in submitted.stdout
    assert "never-3" not in working.output(1).decode()
    assert "never_send *PASSWORD* /etc/goq/config.toml, line 1" in " ".join(table.split())


def test_neither_a_key_nor_a_journal_with_a_password_reaches_a_job(working: Cluster) -> None:
    """Whoever is given one, and has it in his shell."""
    key = "user:ann:1:" + "0a" * 32
    env = {"MINE": f"token {key}", "GOQ_JOURNAL": "postgres://goq:never-4@db/goq"}
    had = "\n".join(shown(working, env=env))
    refused = working.goq("sub", "-e", f"X={key}", "env")

    assert key not in had
    assert "never-4" not in had
    assert b"-e X: no job is given the cluster id or a key" in refused.stderr
    assert key.encode() not in refused.stderr
