"""A program reads what jobs write."""

from pathlib import Path

import pytest

from goq.api.client import Client
from goq.errors import RequestRefused


def test_a_program_reads_on_while_a_job_runs(client: Client, here: Path) -> None:
    """Line by line, and what there is at once."""
    script = "echo one; until test -e gate; do sleep 0.02; done; echo two"
    job = client.submit(script, shell=True)
    lines = job.logs(follow=True)

    assert b"one\n" == next(lines)
    (here / "gate").touch()
    assert [b"two\n"] == list(lines)
    assert [b"one\n", b"two\n"] == list(job.logs())
    assert [b"two\n"] == list(job.logs(lines=1))


def test_a_program_hears_what_is_not_to_be_had(client: Client, here: Path) -> None:
    job = client.submit(["echo", "hello"], out=str(here / "out"))
    assert job.wait(60).is_good

    with pytest.raises(RequestRefused, match="writes is in"):
        list(job.logs())
    with pytest.raises(RequestRefused, match="--err names"):
        list(client.submit(["true"]).logs(err=True, follow=True))
