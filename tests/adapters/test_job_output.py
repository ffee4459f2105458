"""What a job writes, through a shepherd: all of it, in order, whatever the job does with its output."""

import array
import errno
import os
import signal
import socket
import sys
import time
from pathlib import Path

import pytest

from adapters.herd import MARK, SHELL, Herd
from adapters.until import wait_until
from goq.adapters.jobs.executor import Executor, Stopped, Withdrawn
from goq.adapters.jobs.running import NAMES_SHOWN
from goq.core.values.ids import join_argv, join_environment
from goq.core.values.result import DAMAGED_STATUS

BY_NAME = {
    "a redirection to stderr": ("echo a; echo b > /dev/stderr; echo c", b"a\nb\nc\n"),
    "to stdout, again and again": ("for i in 1 2 3; do echo $i > /dev/stdout; done", b"1\n2\n3\n"),
    "by the number of a descriptor": ("echo a; echo b > /proc/self/fd/1; echo c > /dev/fd/2", b"a\nb\nc\n"),
    "tee": ("echo a; echo b | tee /dev/stderr; echo c", b"a\nb\nb\nc\n"),
    "cp": ("echo b > file; echo a; cp file /dev/stdout; echo c", b"a\nb\nc\n"),
    "sort -o": ("echo a; printf 'c\\nb\\n' | sort -o /dev/stdout; echo d", b"a\nb\nc\nd\n"),
    "dd": ("echo a; echo b | dd of=/dev/stdout status=none; echo c", b"a\nb\nc\n"),
    "a whole shell": ("echo a; exec > /dev/stdout 2> /dev/stderr; echo b; echo c >&2", b"a\nb\nc\n"),
    "emptied": (
        "head -c 200000 /dev/zero; : > /dev/stdout; head -c 70000 /dev/zero; echo c",
        bytes(270_000) + b"c\n",
    ),
}

# Between its fork and its exec a process bears its parent's name, and hears signals as its parent would.
UNTIL_CALLED = 'called() { until [ "$(cat /proc/$1/comm)" = "$2" ]; do :; done; }'


@pytest.mark.parametrize("how", BY_NAME)
def test_who_opens_the_output_by_its_name_destroys_nothing(herd: Herd, how: str) -> None:
    """Of a file, the name would be truncated or written over; the job would have destroyed its own output."""
    script, expected = BY_NAME[how]
    herd.shell(script)

    assert 0 == herd.stopped().exit_code
    assert expected == herd.output


def test_a_program_that_opens_its_output_by_name_destroys_nothing(herd: Herd) -> None:
    """Libraries have an option for a log file, and people give it /dev/stdout."""
    herd.python(
        "import sys; print('a', flush=True)\n"
        "with open('/dev/stdout', 'w') as f: f.write('b\\n')\n"
        "with open('/dev/stderr', 'a') as f: f.write('c\\n')\n"
        "print('d')"
    )
    herd.stopped()

    assert b"a\nb\nc\nd\n" == herd.output


def test_long_lines_of_both_outputs_keep_their_order(herd: Herd) -> None:
    """More than a pipe holds, of both, in turn."""
    herd.shell("for i in $(seq 300); do printf '%02000d\\n' $i; printf '%02001d\\n' $i >&2; done")
    herd.stopped()

    assert b"".join(b"%02000d\n%02001d\n" % (i, i) for i in range(1, 301)) == herd.output


def test_a_frozen_worker_stops_no_writing(herd: Herd) -> None:
    """SIGSTOP, or a debugger, or a disk that hangs: ten megabytes are in the spool before anybody asks."""
    herd.shell("head -c 10000000 /dev/zero; touch written; sleep 1000")
    wait_until((herd.folder / "written").exists, "the end of its writing")
    wait_until(lambda: herd.output_path.stat().st_size == 10_000_000, "all of it in the spool")
    herd.kill()

    assert signal.SIGTERM == herd.stopped().signal
    assert 10_000_000 == herd.output_path.stat().st_size


FLOOD = "cat /dev/zero"


def written(path: Path) -> int:
    """So many bytes are there."""
    return path.stat().st_size if path.exists() else 0


def test_a_job_that_writes_as_fast_as_it_can_can_be_killed(herd: Herd) -> None:
    """The shepherd takes a piece at a time, and hears its worker between them."""
    herd.start(*FLOOD.split())
    wait_until(lambda: written(herd.output_path) > 100_000_000, "a flood")
    began = time.monotonic()
    herd.kill()
    stopped = herd.stopped()
    took_s = time.monotonic() - began
    os.truncate(herd.output_path, 0)

    assert signal.SIGTERM == stopped.signal
    assert took_s < 10.0


def test_a_worker_is_answered_amid_a_flood(herd: Herd) -> None:
    """What waits behind the flood goes back to the server."""
    herd.start(*FLOOD.split())
    flood = herd.output_path
    wait_until(lambda: written(flood) > 10_000_000, "a flood")
    herd.shell("touch begun")
    waiting = herd.number
    herd.executor.withdraw()
    heard = herd.heard()
    herd.kill(signal.SIGKILL, 0.0, number=waiting - 1)
    herd.stopped()
    os.truncate(flood, 0)

    assert Withdrawn([waiting]) == heard


def test_a_job_that_does_not_wait_for_its_output_loses_nothing_that_it_wrote(herd: Herd) -> None:
    """O_NONBLOCK, set by the job itself or by what it shares its output with."""
    herd.python(
        "import os\n"
        "os.set_blocking(1, False)\n"
        "open('ready', 'w')\n"
        "while not os.path.exists('begin'): pass\n"
        "count = 0\n"
        "while count < 5_000_000:\n"
        "    try: count += os.write(1, b'x' * 100_000)\n"
        "    except BlockingIOError: open('refused', 'w')\n"
        "open('count', 'w').write(f'{count}')"
    )
    wait_until((herd.folder / "ready").exists, "a job")
    os.kill(herd.executor.pid, signal.SIGSTOP)
    (herd.folder / "begin").touch()
    wait_until((herd.folder / "refused").exists, "a full pipe")
    os.kill(herd.executor.pid, signal.SIGCONT)
    assert 0 == herd.stopped().exit_code

    assert b"x" * int((herd.folder / "count").read_text()) == herd.output
    assert b"next\n" == (herd.run("echo", "next"), herd.output)[1]


def test_a_job_that_reads_its_own_output_can_be_killed(herd: Herd) -> None:
    """`cat /dev/stdout` waits for what nobody writes, as behind any pipe."""
    herd.shell("echo a; cat /dev/stdout")
    herd.says(b"a\n")
    herd.kill()

    assert signal.SIGTERM == herd.stopped().signal
    assert b"a\n" == herd.output


def test_a_job_without_an_output_ends_as_any_other(herd: Herd) -> None:
    """It closed both; its shepherd must not look for what cannot come, nor think that it has ended."""
    herd.shell("exec >&- 2>&-; sleep 0.2; exit 3")

    assert 3 == herd.stopped().exit_code
    assert b"" == herd.output


def test_whoever_was_handed_the_output_writes_into_no_other_job_s(herd: Herd) -> None:
    """A process that is no part of the job holds the end for ever; the job's end does not wait for it."""
    place = f"\0{os.urandom(8).hex()}"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(place)
        listener.listen()
        herd.python(
            "import socket\n"
            "s = socket.socket(socket.AF_UNIX)\n"
            f"s.connect({place!r})\n"
            "print('of the job', flush=True)\n"
            "socket.send_fds(s, [b'x'], [1])\n"
            "s.recv(1)"
        )
        with listener.accept()[0] as peer:
            _, ancillary, _, _ = peer.recvmsg(1, socket.CMSG_SPACE(4))
            peer.send(b"x")
        held = array.array("i", ancillary[0][2])[0]
    first = (herd.stopped().exit_code, herd.output)
    with pytest.raises(BrokenPipeError):
        os.write(held, b"of a stranger\n")
    herd.run("echo", "next")
    with pytest.raises(BrokenPipeError):
        os.write(held, b"of a stranger\n")
    os.close(held)

    assert (0, b"of the job\n") == first
    assert b"next\n" == herd.output


def test_what_a_killed_job_wrote_last_is_kept(herd: Herd) -> None:
    """The reason why it was killed is in there."""
    for _ in range(5):
        herd.shell(
            f"{UNTIL_CALLED}; trap 'echo last; exit 0' TERM; sleep 1000 & called $! sleep; echo ready; wait"
        )
        herd.says(b"ready")
        herd.kill()
        herd.stopped()

        assert b"ready\nlast\n" == herd.output


# --- a spool that takes no more ------------------------------------------------------------------


def start_with(herd: Herd, output: str, script: str) -> None:
    """A shell whose output goes there."""
    environment = join_environment({b"PATH": b"/usr/bin:/bin", MARK: herd.mark})
    argv = join_argv([b"sh", b"-c", script.encode()])
    herd.executor.start(argv, bytes(herd.folder), environment, {}, Path(output))
    herd.executor.go()


def full(herd: Herd, script: str) -> Stopped:
    """How a job ends whose spool is full from the beginning."""
    start_with(herd, "/dev/full", script)
    return herd.stopped()


def test_a_full_spool_ends_the_job_and_says_why(herd: Herd) -> None:
    """It would run for days, and nothing of it be kept."""
    stopped = full(herd, "echo x; exec sleep 1000")

    assert ("spool", 0, signal.SIGTERM) == (stopped.cause, stopped.exit_code, stopped.signal)
    assert f"the spool of {socket.gethostname()} was full: {os.strerror(errno.ENOSPC)}" == stopped.problem
    assert stopped.pid > 0
    assert b"next\n" == (herd.run("echo", "next"), herd.output)[1]


def test_a_job_that_ends_well_with_a_full_spool_has_not_ended_well(herd: Herd) -> None:
    """It tidied up when it was told to end; or it was through before anybody looked."""
    for script in ("trap 'exit 0' TERM; echo x; while :; do sleep 0.01; done", "echo x; exit 0"):
        stopped = full(herd, script)

        assert ("spool", DAMAGED_STATUS, 0) == (stopped.cause, stopped.exit_code, stopped.signal)
    stopped = full(herd, "echo x; exit 3")

    assert ("spool", 3, 0) == (stopped.cause, stopped.exit_code, stopped.signal)


def test_a_job_with_a_full_spool_can_write_on_until_its_grace_is_over(herd: Herd) -> None:
    """Blocked in its last words it could not tidy up; nor may it go on for ever."""
    herd.executor.close()
    herd.executor = Executor(herd.launcher, grace_s=0.5)
    began = time.monotonic()
    stopped = full(herd, "trap '' TERM; cat /dev/zero & while :; do echo x; echo y >> written; done")

    assert ("spool", signal.SIGKILL) == (stopped.cause, stopped.signal)
    assert time.monotonic() - began >= 0.5
    assert (herd.folder / "written").stat().st_size > 1000
    assert [] == herd.living()


def test_a_job_that_writes_nothing_does_not_mind_a_full_spool(herd: Herd) -> None:
    """Nothing of it is lost."""
    stopped = full(herd, "exit 0")

    assert ("", 0, "") == (stopped.cause, stopped.exit_code, stopped.problem)


# --- what a job leaves behind is told ------------------------------------------------------------


def leave(herd: Herd, script: str) -> bytes:
    """The output of job 7, which does so."""
    herd.start(SHELL, "-c", script, variables={b"GOQ_JOB_ID": b"7"})
    herd.stopped()
    return herd.output


def test_what_was_left_behind_is_told_by_name(herd: Herd) -> None:
    """A job whose server or pipeline was ended with it looks as if it had done nothing."""
    one = leave(herd, f"sleep 1000 & {UNTIL_CALLED}; called $! sleep; exit 3")
    daemon = "(setsid sleep 1001 & echo $! > pid); until [ -s pid ]; do :; done; called $(cat pid) sleep"
    tail = "setsid tail -f /dev/null & called $! tail"
    several = leave(herd, f"{UNTIL_CALLED}; echo out; sleep 1000 & called $! sleep; {daemon}; {tail}; exit 0")

    assert b"goq: job 7: ended 1 process left behind: sleep\n" == one
    told, _, names = several.partition(b" left behind: ")
    assert b"out\ngoq: job 7: ended 3 processes" == told
    assert [b"sleep", b"sleep", b"tail"] == sorted(names.strip().split(b", "))


def test_nothing_is_told_of_what_ended_by_itself_or_was_to_be_killed(herd: Herd) -> None:
    """The line is for surprises."""
    assert b"x\n" == leave(herd, "sleep 0.05 & echo x; wait")
    assert b"x\n" == leave(herd, "(sleep 0.05; echo x) & wait")
    herd.shell(f"{UNTIL_CALLED}; trap 'exit 0' TERM; sleep 1000 & called $! sleep; echo ready; wait")
    herd.says(b"ready")
    herd.kill()
    herd.stopped()

    assert b"ready\n" == herd.output


def test_what_it_wrote_at_its_end_stands_before_the_line(herd: Herd) -> None:
    """And the line on a line of its own."""
    leaver = "trap 'printf tidied; exit' TERM; sleep 1000 & echo ready > ready; wait"
    output = leave(herd, f'sh -c "{leaver}" & until [ -e ready ]; do sleep 0.01; done')

    assert output.startswith(b"tidied\ngoq: job 7: ended ")
    assert b" left behind: sh" in output
    assert output.count(b"\n") == 2


def test_the_names_of_a_crowd_are_bounded(herd: Herd) -> None:
    """A fork bomb's line must be readable."""
    output = leave(herd, f"{UNTIL_CALLED}; for i in $(seq 30); do sleep 1000 & called $! sleep; done; exit 0")

    names = b", ".join([b"sleep"] * NAMES_SHOWN)
    assert b"goq: job 7: ended 30 processes left behind: " + names + b", 20 more\n" == output


def test_who_had_to_be_killed_is_told_too(herd: Herd) -> None:
    """Deaf to SIGTERM, and what it forked meanwhile."""
    deaf = "trap '' TERM; echo > ready; while :; do sleep 0.05; done"
    output = leave(herd, f'sh -c "{deaf}" & until [ -e ready ]; do sleep 0.01; done; exit 0')

    assert b" left behind: sh" in output
    assert [] == herd.living()


# --- its process group ---------------------------------------------------------------------------


def leader(herd: Herd) -> int:
    """The process that leads the group of the herd's jobs."""
    return herd.launcher._leaders[herd.executor.pid]


def test_setsid_runs_in_place(herd: Herd) -> None:
    """Were the job the leader of a group, setsid(1) would fork, and what it forked be left behind."""
    herd.start("setsid", "sh", "-c", "echo in place; exit 5")

    assert 5 == herd.stopped().exit_code
    assert b"in place\n" == herd.output


def test_a_job_may_begin_a_session_or_a_group_itself(herd: Herd) -> None:
    """Daemons do; of a group's leader the kernel refuses the first."""
    herd.python("import os; os.setsid(); print(os.getsid(0) == os.getpid())")
    first = (herd.stopped().exit_code, herd.output)
    herd.python("import os; os.setpgid(0, 0); print(os.getpgid(0) == os.getpid())")

    assert (0, b"True\n") == first
    assert (0, b"True\n") == (herd.stopped().exit_code, herd.output)


@pytest.mark.parametrize("number", ["TERM", "INT", "HUP", "KILL", "USR1"])
def test_a_signal_to_the_own_group_stays_in_the_job(herd: Herd, number: str) -> None:
    """`kill 0` in a script means: me, and all that I have started. Never a shepherd, nor its worker."""
    shepherd = herd.executor.pid
    for _ in range(3):
        herd.shell(f"sleep 1000 & sleep 1001 & kill -{number} 0; sleep 1002")
        stopped = herd.stopped()

        assert (0, getattr(signal, f"SIG{number}")) == (stopped.exit_code, stopped.signal)
        assert shepherd == herd.executor.pid
        assert [] == herd.living()
    assert b"group\n" == (herd.run("setsid", "echo", "group"), herd.output)[1]


def test_a_job_that_stops_its_group_can_be_killed_and_the_next_one_runs(herd: Herd) -> None:
    """Who leads the group is stopped as well, and need not do anything."""
    herd.shell("echo ready; kill -STOP 0; exit 3")
    herd.says(b"ready")
    wait_until(lambda: _state(leader(herd)) == "T", "a group that is stopped")
    herd.kill()
    stopped = herd.stopped()

    assert signal.SIGTERM == stopped.signal
    assert 3 == herd.run("setsid", "sh", "-c", "exit 3").exit_code


def test_a_group_of_another_shepherd_is_another_group(herd: Herd) -> None:
    """Jobs beside each other are nobody's group."""
    other = Herd(herd.folder / "other")
    other.folder.mkdir()
    other.shell("echo ready; sleep 0.5; exit 3")
    other.says(b"ready")
    herd.shell("kill -KILL 0")
    herd.stopped()
    try:
        assert 3 == other.stopped().exit_code
    finally:
        other.close()


def test_a_job_is_started_also_when_nobody_leads_the_group_any_more(herd: Herd) -> None:
    """Somebody killed the leader, and it is buried; that must not cost the worker all its jobs."""
    os.kill(leader(herd), signal.SIGKILL)
    assert 0 == herd.run("true").exit_code
    os.waitpid(leader(herd), 0)
    stopped = herd.run(sys.executable, "-c", "import os; print(os.getpgid(0) == os.getpid())")
    assert (0, b"True\n") == (stopped.exit_code, herd.output)

    assert 127 == herd.run("no-such-command").exit_code
    del herd.launcher._leaders[herd.executor.pid]
    substitute = os.spawnlp(os.P_NOWAIT, "true", "true")
    herd.launcher._leaders[herd.executor.pid] = substitute  # for the end of the test to bury


def _state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
