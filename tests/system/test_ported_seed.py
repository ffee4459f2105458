"""The first goq's own tests, claim by claim, against the installed program.

Left out, because nothing here corresponds to them:
* ptab_test: reads the machine's process table; goq keeps no such table, `test_processes` looks
  at /proc itself.
* replicajob_test: an empty placeholder for a feature that was never built.
* ipaddr_test's parser: there is none; the address that is printed is tested instead.
* out_test, shep_test and fetch_test "in the same process": client, server and worker are
  always processes of their own here.
"""

import concurrent.futures
import re
import socket
from pathlib import Path

from system.cluster import SHORT_LEASES, Cluster
from system.jobs import script, shell

GOOD = "I'm starting some work\nI'm done with my work\n"


def good_sh(folder: Path) -> str:
    return str(script(folder / "good.sh", "#!/bin/bash", *(f'echo "{line}"' for line in GOOD.splitlines())))


# --- cfgenv_test ---------------------------------------------------------------------------


def test_two_random_cluster_ids_differ_and_are_valid(cluster: Cluster) -> None:
    """An id that repeats would let two clusters talk to each other."""
    ids = {cluster.done("clusterid") for _ in range(3)}

    assert len(ids) == 3
    assert all(re.fullmatch(r"[0-9a-f]{40}\n", each) for each in ids)


def test_a_cluster_id_survives_its_round_trip_through_the_disk(cluster: Cluster) -> None:
    """Every later command must find the id that the first server made."""
    server = cluster.start_server()
    saved = (cluster.here / ".goqclusterid").read_text()
    server.stop()
    cluster.start_server()

    assert saved == (cluster.here / ".goqclusterid").read_text()
    assert saved == cluster.done("clusterid", "--current", cwd=cluster.here)
    assert saved == cluster.done("clusterid", "--current", cwd=cluster.away)


def test_an_environment_survives_its_round_trip(working: Cluster) -> None:
    """A variable that is lost or renamed on the way changes what a job does."""
    variables = working.run("env", env={"ALLY": "1", "_": "2"}).splitlines()

    assert b"ALLY=1" in variables
    assert b"_=2" in variables


def test_the_settings_in_the_environment_are_those_in_force(served: Cluster) -> None:
    """Whoever sets a port must get that port."""
    counters = served.stat()

    assert "127.0.0.1" == counters["jservIP"]
    assert str(served.port) == counters["jservPort"]


# --- fetch_test ----------------------------------------------------------------------------


def test_good_sh_gives_its_two_lines(working: Cluster) -> None:
    """The simplest job of all."""
    assert GOOD.encode() == working.run(good_sh(working.away))


def test_a_worker_fetches_what_was_submitted_before_it_came(served: Cluster) -> None:
    """Submission and work need not overlap in time."""
    job = served.submit(good_sh(served.away))
    worker = served.start_worker("-j", "1")

    assert 0 == worker.wait()
    assert GOOD.encode() == served.output(job)


def test_shutdown_takes_the_server_out_of_the_process_table(served: Cluster) -> None:
    """A server that lingers keeps the port from the next one."""
    server = served.daemons[0]
    served.done("shutdown")

    assert 0 == server.wait(within_s=1.0)


# --- goq_test ------------------------------------------------------------------------------


def test_the_server_listens_on_the_endpoint_that_was_asked_for(served: Cluster) -> None:
    """Clients have nothing but the address."""
    with socket.create_connection(("127.0.0.1", served.port), timeout=5) as connection:
        assert ("127.0.0.1", served.port) == connection.getpeername()


def test_an_endpoint_that_is_not_ours_is_refused(cluster: Cluster) -> None:
    """A typing error in the address must not end in a server that nobody can reach."""
    ended = cluster.goq("serve", cwd=cluster.here, env={"GOQ_JSERV_IP": "192.0.2.7"})

    assert 1 == ended.returncode
    assert b"cannot listen on tcp://192.0.2.7" in ended.stderr
    assert 1 == ended.stderr.count(b"\n")


# --- ipaddr_test ---------------------------------------------------------------------------


def test_the_printed_address_parses_into_ip_and_port(served: Cluster) -> None:
    """Scripts take the address from these lines."""
    said = served.done("sub", "true")

    assert re.search(rf"to server at 'tcp://127\.0\.0\.1:{served.port}'", said)


# --- out_test ------------------------------------------------------------------------------


def test_hello_world_ends_up_in_its_output_file(working: Cluster) -> None:
    """The place of the output is the server's promise to every user."""
    job = working.submit("/bin/echo", "hello world")
    working.status(job)

    assert "out.00001" == working.output_file(job).name
    assert b"hello world\n" == working.output(job)


# --- shep_test -----------------------------------------------------------------------------


def test_stderr_and_stdout_share_the_file_in_the_order_written(working: Cluster) -> None:
    """A log whose lines are out of order misleads its reader."""
    bad_boy = script(
        working.away / "badboy.sh",
        "#!/bin/bash",
        "echo some stderr >&2",
        "echo some stdout",
        "echo more stderr >&2",
    )

    assert b"some stderr\nsome stdout\nmore stderr\n" == working.run(str(bad_boy))


def test_a_segmentation_fault_is_told_under_the_output(working: Cluster) -> None:
    """Output that merely stops looks like output that is complete."""
    job = working.submit(*shell("echo before; kill -SEGV $$"))
    status = working.status(job)
    first, last = working.output(job).splitlines()

    assert 128 + 11 == status
    assert b"before" == first
    assert b"SIGSEGV" in last
    assert b"kill -SEGV" in last


def test_a_missing_program_is_told_with_name_and_folder(working: Cluster) -> None:
    """The user must see what could not be found, and from where: in a folder in which there is something."""
    (working.away / "something-else").touch()
    job = working.submit("./does-not-exist")
    status = working.status(job)
    output = working.output(job)

    assert 127 == status
    assert b"command not found: './does-not-exist'" in output
    assert str(working.away).encode() in output


# --- shutdown_test -------------------------------------------------------------------------


def test_a_shutdown_after_traffic_is_clean(working: Cluster) -> None:
    """What was answered before the end must be on the disk after it."""
    jobs = working.submit_lines([f"echo {number}" for number in range(20)])
    working.status(jobs[-1])
    working.wait_for_stat(finishedJobsCount=20)
    working.done("shutdown")

    assert 0 == working.daemons[0].wait()
    assert [b"%d\n" % number for number in range(20)] == [working.output(job) for job in jobs]


# --- signature_test ------------------------------------------------------------------------


def test_what_another_cluster_signs_is_dropped_and_counted(served: Cluster) -> None:
    """Two clusters on one network must never mix."""
    stranger = {"GOQ_CLUSTERID": "5" * 40, "GOQ_SENDTIMEOUT_MSEC": "300"}
    submitter = served.goq("sub", "true", env=stranger)
    before = int(served.stat()["droppedBadSigCount"])
    worker = served.goq("work", env=stranger)
    counters = served.stat()

    assert 3 == submitter.returncode
    assert 1 == before
    assert 3 == worker.returncode
    assert b"another cluster id" in worker.stderr
    assert before < int(counters["droppedBadSigCount"])
    assert ("0", "0", "1") == (counters["waitingJobs"], counters["waitingWorkers"], counters["nextJobId"])


def test_stat_has_the_first_goqs_seven_keys(served: Cluster) -> None:
    """Scripts of twelve years read them."""
    seven = [
        "droppedBadSigCount",
        "runQlen",
        "waitingJobs",
        "waitingWorkers",
        "jservPid",
        "finishedJobsCount",
        "nextJobId",
    ]

    assert set(seven) <= served.stat().keys()


# --- wkto_test -----------------------------------------------------------------------------


def test_a_job_given_to_a_deaf_worker_is_queued_again(cluster: Cluster) -> None:
    """One frozen machine must not swallow the job that it was just given."""
    cluster.env |= SHORT_LEASES
    cluster.start_server()
    deaf = cluster.start_worker()
    cluster.wait_for_stat(waitingWorkers=1)
    deaf.freeze()
    job = cluster.submit("echo", "heard")
    cluster.start_worker()

    assert 0 == cluster.status(job)
    assert b"heard\n" == cluster.output(job)


# --- portreq_test (an empty placeholder: many submitters and workers on one host) ------------


def test_many_submitters_and_workers_share_one_host(served: Cluster) -> None:
    """A head node is also where its users sit."""
    for _ in range(3):
        served.start_worker("forever", "-j", "2")
    with concurrent.futures.ThreadPoolExecutor(6) as shells:
        jobs = list(shells.map(lambda number: served.submit("echo", str(number)), range(12)))

    assert list(range(1, 13)) == sorted(jobs)
    assert [0] * 12 == served.statuses(jobs)
    assert [b"%d\n" % number for number in range(12)] == [served.output(job) for job in jobs]
