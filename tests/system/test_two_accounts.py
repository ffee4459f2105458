"""One person with two account names on two hosts, and the cluster id on both: nothing of keys is met."""

import pwd
from pathlib import Path

import pytest
from networks import refusal

from system.accounts import an_account, why_not
from system.hall import a_hall

pytestmark = pytest.mark.skipif(bool(why_not()), reason=why_not() or "-")


def test_who_has_the_cluster_id_is_one_whatever_his_accounts_are_called(tmp_path: Path) -> None:
    """Root on the head, somebody else on the other: each does everything with all jobs, and workers run them as themselves."""
    if reason := refusal():
        pytest.skip(f"no network namespace is allowed here ({reason}), so this was not shown")
    with an_account() as name, a_hall(tmp_path / "two") as hall:
        other, place = hall.account(name), hall.outputs
        hall.done(hall.root, "init")
        hall.serve()
        hall.join(other, hall.done(hall.root, "init", "--export"), at="n2")
        worker = hall.start(other, "work", "forever", at="n2")
        hall.cluster.wait_until(lambda: "looking for work" in worker.text())
        first = hall.submit(hall.root, "sh", "-c", "id -un; uname -n")
        assert 0 == hall.status(hall.root, first)
        held = hall.submit(hall.root, "--hold", "echo", "argument")
        shown = hall.done(other, "show", str(held), at="n2")
        hall.done(other, "kill", str(held), at="n2")
        his = int(hall.done(other, "sub", "-q", "id", "-u", at="n2"))
        assert 0 == hall.status(hall.root, his)

        assert f"{name}\nn2\n" == (place / f"out.{first:05d}").read_text()
        assert "argument" in shown
        assert "cancelled" in hall.done(hall.root, "show", str(held))
        assert f"{pwd.getpwnam(name).pw_uid}\n" == hall.done(hall.root, "logs", str(his))
