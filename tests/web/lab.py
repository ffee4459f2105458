"""A small cluster with something of everything, for the pages to show."""

import re

from system.cluster import Cluster

from goq.adapters.machine import host_name, shown_host
from web.house import House

EVIL = "<script>window.hacked=1</script><img src=x onerror=window.hacked=1>"
FAILS = "echo working; if [ $GOQ_TASK_ID = 3 ]; then echo 'ValueError: chain A is missing'; exit 1; fi"


def submit_array(cluster: Cluster, *words: str) -> int:
    """Submit an array; its number."""
    found = re.search(r"submitted array (\d+) of", cluster.done("sub", *words))
    assert found
    return int(found[1])


class Lab(House):
    """Its jobs by what they are here for."""

    def __init__(self, cluster: Cluster) -> None:
        cluster.start_server()
        cluster.start_worker("forever", "-j", "2", "--cpus", "4", "--mem", "8G")
        self.array = submit_array(
            cluster, "--name", "fold", "--array", "1-6", "--mem", "64M", "sh", "-c", FAILS
        )
        self.done = cluster.submit(
            "--name",
            "plot",
            "sh",
            "-c",
            f"printf %s '{EVIL}'; echo; printf '\\033[31mred\\033[0m\\007'",
            EVIL,
            env={"EVIL": EVIL},
        )
        cluster.wait_for_end(self.done)
        cluster.wait_until(lambda: "failedJobsCount=1" in cluster.done("stat", "0"))
        self.runs = cluster.submit(
            "--name",
            "train",
            "sh",
            "-c",
            "echo begun; while [ ! -e end ]; do sleep 0.1; done; echo over",
            cwd=cluster.away,
        )
        self.never = cluster.submit("--name", "assembly", "-c", "48", "--mem", "400G", "true")
        self.held = cluster.submit("--name", "clean", "--hold", "true")
        self.sweep = submit_array(cluster, "--name", "sweep", "--array", "1-4%1", "--hold", "true")
        cluster.wait_for_start(self.runs)
        super().__init__(cluster)

    @property
    def host(self) -> str:
        """The one machine."""
        return shown_host(host_name().encode())

    @property
    def pages(self) -> list[str]:
        """One of each kind."""
        return [
            "/",
            "/jobs",
            f"/jobs/{self.array}",
            f"/jobs/{self.array}.3",
            f"/jobs/{self.runs}",
            f"/jobs/{self.never}",
            f"/jobs/{self.done}/log",
            f"/ask?do=kill&to={self.sweep}",
            "/workers",
            f"/workers/{self.host}",
            "/people",
            "/report",
            "/nowhere",
        ]
