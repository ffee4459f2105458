"""What the server has said holds through its death in the very next moment: the commit comes first."""

import math
import os

from submissions import submit_of

from goq.adapters.files.rights import can_be_others
from goq.adapters.wire.signing import Signer
from goq.core.messages import AckSubmit, Answer
from goq.core.values.ids import JobId
from goq.roles.client.calls import Calls
from system.cluster import Cluster

SUBMIT = submit_of(b"echo\0first", b"echo\0second")


def test_jobs_are_on_the_disk_before_their_numbers_are_out(cluster: Cluster) -> None:
    """Killed while the submitter's connection is open still, the server has had no turn to catch up in."""
    server = cluster.start_server()
    cluster_id = (cluster.home / "goqclusterid").read_text().strip()
    answers: list[Answer] = []
    with Calls(cluster.address, Signer(cluster_id)) as calls:
        calls.ask(SUBMIT, answers.append, resend_s=math.inf)
        while not answers:
            calls.wait(30.0)
            calls.turn()
        server.crash()
    cluster.start_server()
    stat = cluster.stat()

    folder = (
        cluster.here / "o" / ("ann" if can_be_others() else "")
    )  # a server of root's has one for each owner
    assert [AckSubmit(JobId(1), JobId(2), outputs=os.fsencode(folder))] == answers
    assert "2" == stat["waitingJobs"]
    assert "3" == stat["nextJobId"]
