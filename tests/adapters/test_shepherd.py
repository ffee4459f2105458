"""The shepherd: no process of a job outlives the job, its kill, its worker or its shepherd's word."""

import os
import shutil
import signal
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import pytest

from adapters.herd import SHELL, Herd, marked
from adapters.until import wait_until
from goq.adapters.jobs.executor import Event, Executor, ShepherdDied, Stopped, Withdrawn
from goq.adapters.jobs.processes import is_stopped
from goq.core.worker.rules import STALE_S

TESTS = str(Path(__file__).resolve().parent.parent)
DEAF = "trap '' TERM INT HUP; echo deaf; while :; do sleep 0.05; done"
ESCAPED = "(setsid sh -c 'trap \"\" TERM; sleep 1000 & sleep 1001 & wait' &) ; echo escaped"


def number_living(herd: Herd, count: int) -> None:
    """Wait until the job has so many processes."""
    wait_until(lambda: len(herd.living()) >= count, f"{count} processes")


# --- temporary files -----------------------------------------------------------------------


def with_scratch(herd: Herd) -> Path:
    """Have a shepherd whose jobs have this folder for temporary files."""
    scratch = herd.folder / "goq.1" / "0"
    herd.executor.close()
    herd.executor = Executor(herd.launcher, scratch=scratch)
    return scratch


def test_a_job_has_a_folder_of_its_own_for_temporary_files(herd: Herd) -> None:
    """Whatever its submitter's shell had; what one leaves there the next one does not find."""
    scratch = with_scratch(herd)
    for variables in ({}, {b"TMPDIR": b"/elsewhere"}, {}):
        herd.start(SHELL, "-c", 'echo "$TMPDIR"; ls "$TMPDIR"; mkdir -p "$TMPDIR/a/b"', variables=variables)
        assert 0 == herd.stopped().exit_code
        assert bytes(scratch) + b"\n" == herd.output

    wait_until(lambda: not scratch.exists(), "the end of what the last one left")


def test_the_temporary_files_of_a_dead_worker_go_with_its_jobs(herd: Herd) -> None:
    """It cannot see to that itself; nor need the next worker."""
    scratch = with_scratch(herd)
    herd.shell('touch "$TMPDIR/file"; echo ready; exec sleep 1000')
    herd.says(b"ready")
    assert [scratch / "file"] == list(scratch.iterdir())
    herd.executor.close()

    wait_until(lambda: not scratch.parent.exists(), "the end of its folder")


def test_a_job_without_a_place_for_temporary_files_is_handed_back(herd: Herd) -> None:
    """Another host has one."""
    scratch = with_scratch(herd)
    scratch.parent.touch()
    stopped = herd.run("true")

    assert ("node", 0) == (stopped.trouble, stopped.pid)
    assert "cannot make a TMPDIR for the job" in stopped.problem


# --- kill ----------------------------------------------------------------------------------


def test_a_killed_job_ends_by_the_signal(herd: Herd) -> None:
    """SIGTERM first: programs may tidy up."""
    herd.shell("echo ready; exec sleep 1000")
    herd.says(b"ready")
    herd.kill()
    stopped = herd.stopped()

    assert (0, signal.SIGTERM) == (stopped.exit_code, stopped.signal)
    assert [] == herd.living()


def test_a_job_may_tidy_up_within_the_grace(herd: Herd) -> None:
    """What it writes, and how it ends, counts."""
    herd.shell("trap 'echo tidied; exit 9' TERM; echo ready; while :; do sleep 0.05; done")
    herd.says(b"ready")
    herd.kill()
    stopped = herd.stopped()

    assert (9, 0) == (stopped.exit_code, stopped.signal)
    assert b"tidied\n" in herd.output


def test_a_job_that_does_not_listen_is_killed_after_the_grace(herd: Herd) -> None:
    """Not before, and not much later."""
    herd.shell(DEAF)
    herd.says(b"deaf")
    began = time.monotonic()
    herd.kill(grace_s=0.5)
    stopped = herd.stopped()

    assert (0, signal.SIGKILL) == (stopped.exit_code, stopped.signal)
    assert 0.5 <= time.monotonic() - began < 5.0
    assert [] == herd.living()


def test_a_second_kill_may_shorten_the_grace(herd: Herd) -> None:
    """A lost lease is killed at once, whatever was promised before."""
    herd.shell(DEAF)
    herd.says(b"deaf")
    herd.kill(grace_s=1000.0)
    herd.kill(signal.SIGKILL, 1000.0)

    assert signal.SIGKILL == herd.stopped().signal


def test_a_second_kill_does_not_lengthen_the_grace(herd: Herd) -> None:
    """Whoever says `goq kill` again and again would never see the end of it."""
    herd.shell(DEAF)
    herd.says(b"deaf")
    herd.kill(grace_s=0.3)
    herd.kill(grace_s=1000.0)

    assert signal.SIGKILL == herd.stopped().signal


def test_the_job_after_a_killed_one_is_left_alone(herd: Herd) -> None:
    """The time at which the first one would have been killed comes while the second runs."""
    herd.shell("echo ready; exec sleep 1000")
    herd.says(b"ready")
    herd.kill(grace_s=0.2)
    first = herd.stopped()

    assert signal.SIGTERM == first.signal
    assert 3 == herd.run("sh", "-c", "sleep 0.5; exit 3").exit_code


def test_a_stopped_job_can_be_killed_gently(herd: Herd) -> None:
    """SIGTERM waits for a process to go on, which this one would never do."""
    herd.shell("echo ready; kill -STOP $$; exit 3")
    herd.says(b"ready")
    pid = herd.living()[0]
    wait_until(lambda: "T" in Path(f"/proc/{pid}/stat").read_text().split()[2], "a stopped process")
    herd.kill()

    assert signal.SIGTERM == herd.stopped().signal


def test_a_kill_takes_every_process_wherever_it_fled(herd: Herd) -> None:
    """Sessions and groups of its own, double forks, deaf ears: a node belongs to the next job."""
    herd.shell(f"{ESCAPED}; sleep 1002 & exec sleep 1003")
    number_living(herd, 5)
    herd.kill(grace_s=0.3)
    herd.stopped()

    assert [] == herd.living()


def test_a_kill_takes_processes_that_keep_forking(herd: Herd) -> None:
    """Between the look and the kill there is time for a fork."""
    herd.shell("trap '' TERM; f() { while :; do (sleep 0.01; :) & sleep 0.005; done; }; f & f & f")
    number_living(herd, 3)  # and those that end before we can look
    herd.kill(grace_s=0.1)
    herd.stopped()

    assert [] == herd.living()


def test_a_kill_without_a_job_is_nothing(herd: Herd) -> None:
    """It crossed the report of the job's end, and must not hit the next job."""
    herd.kill(signal.SIGKILL, 0.0)

    assert 0 == herd.run("true").exit_code
    herd.kill(signal.SIGKILL, 0.0)
    assert 3 == herd.run("sh", "-c", "sleep 0.1; exit 3").exit_code


def test_a_kill_is_for_the_job_of_that_number_alone(herd: Herd) -> None:
    """It crossed the report of that job's end, and the next one is on already."""
    herd.run("true")
    first = herd.number
    herd.shell("sleep 0.2; exit 3")
    herd.kill(signal.SIGKILL, 0.0, number=first)
    herd.kill(signal.SIGKILL, 0.0, number=herd.number + 1)

    assert 3 == herd.stopped().exit_code


def test_a_kill_right_after_the_start_counts(herd: Herd) -> None:
    """However early it comes."""
    for _ in range(5):
        herd.shell("exec sleep 1000")
        herd.kill(grace_s=1.0)

        assert herd.stopped().signal in {signal.SIGTERM, signal.SIGKILL}
    assert [] == herd.living()


# --- the end of a job ----------------------------------------------------------------------


def test_what_a_job_leaves_behind_is_ended_before_its_end_is_told(herd: Herd) -> None:
    """Its exit code stands; nothing of it disturbs the next job."""
    herd.shell("sleep 1000 & (setsid sleep 1001 &); exit 3")
    stopped = herd.stopped()

    assert (3, 0) == (stopped.exit_code, stopped.signal)
    assert [] == herd.living()


def test_what_is_left_may_tidy_up_too_but_not_for_ever(herd: Herd) -> None:
    """Two seconds; then it is killed."""
    herd.shell(f'(setsid sh -c "{DEAF}" &); sleep 0.2; exit 3')
    stopped = herd.stopped()

    assert (3, 0) == (stopped.exit_code, stopped.signal)
    assert b"deaf" in herd.output
    assert [] == herd.living()


def test_an_orphan_s_end_is_not_taken_for_the_job_s(herd: Herd) -> None:
    """The shepherd inherits orphans, and reaps them while the job runs on."""
    herd.shell("(sh -c 'exit 7' &); sleep 0.3; exit 3")

    assert 3 == herd.stopped().exit_code


# --- jobs that follow ----------------------------------------------------------------------


def test_jobs_follow_each_other_in_the_order_of_their_starts(herd: Herd) -> None:
    """One at a time, and each end is told before the next job can end."""
    for code in (5, 6, 7):
        herd.shell(f"echo {code} >> order; sleep 0.05; echo {code} >> order; exit {code}")
    herd.start("no-such-command")
    herd.shell("exit 8")
    ends = [herd.stopped() for _ in range(5)]

    assert [5, 6, 7, 127, 8] == [end.exit_code for end in ends]
    assert ["5", "5", "6", "6", "7", "7"] == (herd.folder / "order").read_text().split()
    assert ends == sorted(ends, key=lambda end: end.started_ns)
    for before, after in pairwise(ends):
        assert before.ended_ns <= after.started_ns


def test_each_job_that_follows_has_its_own_environment(herd: Herd) -> None:
    """It is that of its start, whatever was told afterwards."""
    outputs = []
    for value in (b"1", b"2", b"3"):
        herd.start("sh", "-c", "sleep 0.1; echo $VALUE", variables={b"VALUE": value})
        outputs.append(herd.output_path)
    for _ in outputs:
        herd.stopped()

    assert [b"1\n", b"2\n", b"3\n"] == [path.read_bytes() for path in outputs]


def test_what_waits_is_withdrawn_and_what_is_on_runs_on(herd: Herd) -> None:
    """Its worker gives it back to the server; nothing of it may have begun."""
    herd.shell("echo ready; while [ ! -e go ]; do sleep 0.01; done; exit 3")
    herd.says(b"ready")
    for _ in range(2):
        herd.shell("touch begun")
    waiting = [herd.number - 1, herd.number]
    herd.executor.withdraw()
    assert Withdrawn(waiting) == herd.heard()
    (herd.folder / "go").touch()

    assert 3 == herd.stopped().exit_code
    assert 4 == herd.run("sh", "-c", "exit 4").exit_code
    assert not (herd.folder / "begun").exists()


def test_a_withdrawal_of_nothing_is_answered(herd: Herd) -> None:
    """The jobs had begun, or ended; the worker waits for the word."""
    herd.executor.withdraw()
    assert Withdrawn([]) == herd.heard()
    herd.shell("sleep 0.1; exit 3")
    herd.executor.withdraw()

    assert Withdrawn([]) == herd.heard()
    assert 3 == herd.stopped().exit_code


def test_a_job_that_cannot_be_started_does_not_hold_up_those_behind_it(herd: Herd) -> None:
    """Nor is it started again."""
    herd.shell("sleep 0.1")
    for _ in range(3):
        herd.start("no-such-command")
    herd.shell("exit 3")

    assert [0, 127, 127, 127, 3] == [herd.stopped().exit_code for _ in range(5)]


def test_a_job_behind_a_killed_one_is_not_killed(herd: Herd) -> None:
    """The kill was for the one before it."""
    herd.shell("echo ready; exec sleep 1000")
    first = herd.number
    herd.says(b"ready")
    herd.shell("sleep 0.3; exit 3")
    herd.kill(grace_s=0.1, number=first)

    assert signal.SIGTERM == herd.stopped().signal
    assert 3 == herd.stopped().exit_code


def test_jobs_that_waited_in_a_frozen_shepherd_are_withdrawn(herd: Herd) -> None:
    """Their leases may have ended meanwhile, and others may run them."""
    herd.shell("echo ready; while [ ! -e go ]; do sleep 0.01; done; exit 3")
    herd.says(b"ready")
    herd.shell("touch begun")
    waiting = herd.number
    wait_until(herd.has_obeyed, "a job that waits")
    since_s = time.monotonic()
    wait_until(lambda: time.monotonic() > since_s + STALE_S, "a long time")
    (herd.folder / "go").touch()

    assert 3 == herd.stopped().exit_code
    assert Withdrawn([waiting]) == herd.heard()
    assert not (herd.folder / "begun").exists()


# --- the end of a worker -------------------------------------------------------------------


def test_a_closed_link_takes_everything_along(herd: Herd) -> None:
    """The worker has gone; what it ran is queued again elsewhere and must not run here too."""
    herd.shell(f"{ESCAPED}; {DEAF}")
    number_living(herd, 4)
    herd.executor.close()

    assert [] == herd.living()


WORKER = """
import sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from adapters.herd import Herd
herd = Herd(Path(sys.argv[1]))
herd.mark = sys.argv[3].encode()
herd.shell(sys.argv[4])
while True:
    herd.look()
    time.sleep(0.01)
"""


def test_a_worker_that_is_killed_takes_everything_along(tmp_path: Path, herd: Herd) -> None:
    """`kill -9` leaves it no time to say anything; the shepherd sees the link close."""
    command = [sys.executable, "-c", WORKER, str(tmp_path), TESTS, herd.mark.decode(), f"{ESCAPED}; {DEAF}"]
    with subprocess.Popen(command) as worker:
        try:
            number_living(herd, 4)
        finally:
            worker.kill()
    wait_until(lambda: [] == herd.living(), "the end of the job's processes")


# --- the shepherd itself -------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_from_outside_does_not_end_a_shepherd(herd: Herd, number: int) -> None:
    """Ctrl-C and a closing terminal are for the worker, which lets its jobs end in order."""
    herd.shell("echo ready; sleep 0.3; exit 3")
    herd.says(b"ready")
    for _ in range(3):
        os.kill(herd.executor.pid, number)

    assert 3 == herd.stopped().exit_code


def fall(herd: Herd) -> list[Event]:
    """Kill the shepherd: all that is told until its death is."""
    herd.forget()
    os.kill(herd.executor.pid, signal.SIGKILL)
    told = [herd.heard()]
    while not isinstance(told[-1], ShepherdDied):
        told.append(herd.heard())
    return told


def killed(event: Event) -> tuple[int, str] | None:
    """How the job of a shepherd that was killed ended; None when there was none."""
    assert isinstance(event, ShepherdDied)
    return (event.job.signal, event.job.problem) if event.job else None


LOST = (int(signal.SIGKILL), "its shepherd was killed")


def test_a_killed_shepherd_is_told_and_can_be_replaced(herd: Herd) -> None:
    """Somebody, or the kernel short of memory, picked it; the worker goes on."""
    herd.shell("echo ready; exec sleep 1000")
    herd.says(b"ready")
    first = herd.executor.pid
    orphans = herd.living()
    (died,) = fall(herd)
    for pid in orphans:  # a worker has strays killed; this process has none
        os.kill(pid, signal.SIGKILL)

    assert LOST == killed(died)
    assert first != herd.executor.pid
    assert not [event for event in herd.events if isinstance(event, Stopped)]
    assert 3 == herd.run("sh", "-c", "exit 3").exit_code


def test_nothing_replaces_a_shepherd_before_it_is_wanted(herd: Herd) -> None:
    """Where each one dies at once, a new one forty times a second helps nobody."""
    os.kill(herd.executor.pid, signal.SIGKILL)
    told = wait_until(herd.executor.events, "the news")

    assert [ShepherdDied(None)] == told
    assert [] == herd.executor.events()
    assert [] == herd.executor.events()
    herd.executor.relaunch()
    assert 0 == herd.run("true").exit_code


def test_a_new_shepherd_is_told_the_environment_anew(herd: Herd) -> None:
    """The one before it took what it had been told along."""
    herd.run("true", variables={b"VALUE": b"1"})
    fall(herd)
    herd.run("env", variables={b"VALUE": b"1"})

    assert b"VALUE=1\n" in herd.output


def test_an_idle_shepherd_that_is_killed_has_killed_no_job(herd: Herd) -> None:
    """Whether it had one before, or none yet."""
    for _ in range(2):
        assert [ShepherdDied(None)] == fall(herd)
    herd.run("true")
    herd.start("no-such-command")
    herd.stopped()

    assert [ShepherdDied(None)] == fall(herd)
    assert 0 == herd.run("true").exit_code


def test_jobs_that_a_killed_shepherd_had_not_begun_are_told_as_unstarted(herd: Herd) -> None:
    """They go back to the server; only the one that was on has ended."""
    herd.run("true")
    herd.shell("echo ready; exec sleep 1000")
    herd.says(b"ready")
    for _ in range(3):
        herd.shell("touch begun")
    orphans = herd.living()
    withdrawn, died = fall(herd)
    for pid in orphans:
        os.kill(pid, signal.SIGKILL)

    assert Withdrawn([herd.number - 2, herd.number - 1, herd.number]) == withdrawn
    assert LOST == killed(died)
    assert 0 == herd.run("true").exit_code
    assert not (herd.folder / "begun").exists()


def test_jobs_that_were_sent_to_a_dead_shepherd_are_told_as_unstarted(herd: Herd) -> None:
    """It was killed before it read of them: none of them has ended, and none may be taken for a crash."""
    os.kill(herd.executor.pid, signal.SIGSTOP)
    for _ in range(2):
        herd.shell("touch begun")
    unread = [herd.number - 1, herd.number]

    assert [Withdrawn(unread), ShepherdDied(None)] == fall(herd)
    os.kill(herd.executor.pid, signal.SIGKILL)
    os.waitid(os.P_PID, herd.executor.pid, os.WEXITED | os.WNOWAIT)
    herd.shell("touch begun")

    assert Withdrawn([herd.number]) == herd.heard()
    assert ShepherdDied(None) == herd.heard()
    assert 0 == herd.run("true").exit_code
    assert not (herd.folder / "begun").exists()


def test_what_was_withdrawn_or_has_ended_is_not_told_again_by_a_death(herd: Herd) -> None:
    """Each job is told of once."""
    herd.shell("echo ready; while [ ! -e go ]; do sleep 0.01; done")
    herd.says(b"ready")
    herd.shell("touch begun")
    herd.executor.withdraw()
    assert Withdrawn([herd.number]) == herd.heard()
    (herd.folder / "go").touch()
    assert 0 == herd.stopped().exit_code

    assert [ShepherdDied(None)] == fall(herd)


def test_a_large_command_is_started(herd: Herd) -> None:
    """Words and variables of more than a socket holds at once."""
    words = [f"{number:05d}" + "x" * 95 for number in range(10_000)]
    herd.run("sh", "-c", 'echo $# "$1" "$9999"', "sh", *words[:-1], variables={b"VARIABLE": b"y" * 100_000})

    assert herd.output.startswith(b"9999 00000x")


RESTRICTED = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from adapters.herd import Herd
herd = Herd(Path(sys.argv[1]))
herd.mark = sys.argv[3].encode()
herd.shell("setpriv --reuid=65534 --clear-groups sleep 1000 & echo ready; exec sleep 1001")
herd.says(b"ready")
print("ready", flush=True)
sys.stdin.readline()
herd.kill(grace_s=0.1)
stopped = herd.stopped()
print(stopped.signal, flush=True)
herd.close()
"""


def test_a_process_that_may_not_be_killed_is_waited_for(tmp_path: Path) -> None:
    """A job may run a setuid program. What can be killed is; the end is told when all has ended."""
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        pytest.skip("a process of another user can only be started by root")
    mark = os.urandom(16).hex()
    command = [
        "setpriv",
        "--bounding-set=-kill",
        sys.executable,
        "-c",
        RESTRICTED,
        str(tmp_path),
        TESTS,
        mark,
    ]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdin is not None
        assert worker.stdout is not None
        try:
            assert "ready\n" == worker.stdout.readline()
            wait_until(lambda: len(marked(mark.encode())) == 2, "both processes")
            wait_until(lambda: len(_sleepers_of(65534, mark)) == 1, "the other user's process")
            print(file=worker.stdin, flush=True)
            wait_until(lambda: len(marked(mark.encode())) == 1, "the end of the one that can be killed")
            (left,) = marked(mark.encode())
            os.kill(left, signal.SIGKILL)

            assert "15\n" == worker.stdout.readline()
            assert 0 == worker.wait()
        finally:
            worker.kill()
            for pid in marked(mark.encode()):
                os.kill(pid, signal.SIGKILL)


def _sleepers_of(user: int, mark: str) -> list[int]:
    return [pid for pid in marked(mark.encode()) if Path(f"/proc/{pid}").stat().st_uid == user]


def test_the_mark_is_found(herd: Herd) -> None:
    """Every test above that finds nothing left relies on it."""
    herd.shell("sleep 1000 & exec sleep 1001")
    number_living(herd, 2)

    wait_until(lambda: marked(herd.mark) == herd.living(), "both marks")  # one amid its exec has none
    herd.kill()
    herd.stopped()


def test_the_job_of_a_shepherd_that_was_killed_has_run(herd: Herd) -> None:
    """Since when, and as which process, its worker knows all the same."""
    before_ns = time.time_ns()
    herd.shell("echo $$; exec sleep 1000")
    wait_until(lambda: herd.output.endswith(b"\n"), "its first word")
    orphans = herd.living()
    (died,) = fall(herd)
    for pid in orphans:
        os.kill(pid, signal.SIGKILL)

    assert isinstance(died, ShepherdDied)
    assert died.job
    assert b"%d\n" % died.job.pid == herd.output
    assert before_ns <= died.job.started_ns < died.job.ended_ns


def test_a_stopped_shepherd_is_woken_by_a_kill(herd: Herd) -> None:
    """Its own job may have stopped it."""
    herd.shell("echo ready; kill -STOP $PPID; exec sleep 1000")
    wait_until(lambda: is_stopped(herd.executor.pid), "its stop")
    herd.executor.kill(herd.number, signal.SIGTERM, 5.0)

    assert signal.SIGTERM == herd.stopped().signal
