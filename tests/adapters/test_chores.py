"""Prolog and epilog: before and after each job, whatever becomes of it, and never for long."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.herd import Herd
from adapters.until import wait_until
from goq.adapters.jobs.chores import Chores
from goq.adapters.jobs.executor import Executor, Said, ShepherdDied, Stopped

DEAF = "trap '' TERM; echo deaf; while :; do sleep 0.05; done"
DO = Callable[..., Path]


@pytest.fixture(name="do")
def _do(herd: Herd) -> DO:
    """Has a shepherd that does these things; the file that they may write to, as $LOG."""

    def do(prolog: str = "", epilog: str = "", limit_s: float = 20.0) -> Path:
        log = herd.folder / "log"
        herd.executor.close()
        before, after = (each.replace("$LOG", str(log)).encode() for each in (prolog, epilog))
        chores = Chores(before, after, limit_s)
        herd.executor = Executor(herd.launcher, kill_strays=herd.launcher.kill_strays, chores=chores)
        return log

    return do


def cpu_s(pid: int) -> float:
    """The processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def heard(herd: Herd) -> list[Said | Stopped]:
    """All that is said up to the end of the job."""
    found: list[Said | Stopped] = []
    while not found or not isinstance(found[-1], Stopped):
        event = herd.heard()
        assert isinstance(event, Said | Stopped)
        found.append(event)
    return found


def test_both_have_the_variables_of_the_job(herd: Herd, do: DO) -> None:
    """And the epilog how it has ended; / is their folder, so that they hold none."""
    log = do(
        'echo "$GOQ_JOB_ID $GOQ_EXIT_STATUS $PWD" >> $LOG', 'echo "$GOQ_JOB_ID $GOQ_EXIT_STATUS" >> $LOG'
    )
    for code in (0, 7):
        herd.start("sh", "-c", f"exit {code}", variables={b"GOQ_JOB_ID": b"17"})
        assert code == herd.stopped().exit_code

    assert ["17  /", "17 0", "17  /", "17 7"] == log.read_text().splitlines()


def test_they_come_in_order_and_the_end_is_told_last(herd: Herd, do: DO) -> None:
    """The next job begins when everything is tidy again."""
    log = do("echo before >> $LOG", 'sleep 0.1; echo "after in $(pwd)" >> $LOG')
    os.kill(herd.executor.pid, signal.SIGSTOP)  # so that it knows of both when it begins
    for _ in range(2):
        herd.start("sh", "-c", f"echo job >> {log}")
    os.kill(herd.executor.pid, signal.SIGCONT)
    assert [0, 0] == [herd.stopped().exit_code, herd.stopped().exit_code]

    assert ["before", "job", "after in /"] * 2 == log.read_text().splitlines()


def test_what_they_print_is_told_apart(herd: Herd, do: DO) -> None:
    """It is no output of the job."""
    do("echo one; echo two >&2", "printf three")
    herd.start("echo", "job", variables={b"GOQ_JOB_ID": b"17"})
    *said, stopped = heard(herd)

    assert [Said("prolog", 17, ["one", "two"], ""), Said("epilog", 17, ["three"], "")] == said
    assert (b"job\n", "") == (herd.output, stopped.problem)


def test_of_many_lines_the_last_are_told(herd: Herd, do: DO) -> None:
    """More than a pipe holds; none of them is waited for."""
    do("seq 100000; exec >&- 2>&-; sleep 0.2")
    herd.start("true")
    said, _ = heard(herd)

    assert isinstance(said, Said)
    assert "100000" == said.lines[-1]
    assert len(said.lines) < 1000


def test_one_that_closes_its_output_keeps_nobody_busy(herd: Herd, do: DO) -> None:
    """As whatever becomes a daemon does."""
    do("exec >&- 2>&-; sleep 2")
    before_s = cpu_s(herd.executor.pid)
    herd.start("true")

    assert 0 == herd.stopped().exit_code
    assert cpu_s(herd.executor.pid) - before_s < 0.12


def test_a_prolog_that_fails_is_trouble_of_the_node(herd: Herd, do: DO) -> None:
    """Its last line says which; the job has not begun."""
    log = do("echo hello; echo no scratch here; exit 3", "echo after $GOQ_EXIT_STATUS >> $LOG")
    herd.start("touch", str(herd.folder / "begun"))
    *_, stopped = heard(herd)

    assert isinstance(stopped, Stopped)
    assert ("node", 0) == (stopped.trouble, stopped.pid)
    assert "the prolog ended with exit status 3: no scratch here" == stopped.problem
    assert not (herd.folder / "begun").exists()
    assert "after 125\n" == log.read_text()


@pytest.mark.parametrize("script", ["sleep 1000", "trap '' TERM; setsid sleep 1000 & sleep 1000"])
def test_a_prolog_that_hangs_is_killed(herd: Herd, do: DO, script: str) -> None:
    """With all that it has started."""
    do(script, limit_s=0.3)
    before = time.monotonic()
    herd.start("true")
    stopped = herd.stopped()

    assert ("node", "the prolog took longer than 0.3 s") == (stopped.trouble, stopped.problem)
    assert 0.3 <= time.monotonic() - before < 5
    assert [] == herd.living()


def test_an_epilog_that_hangs_or_fails_changes_no_end(herd: Herd, do: DO) -> None:
    """It is told to whoever looks after the node."""
    do("", "echo busy; sleep 1000", limit_s=0.3)
    herd.start("sh", "-c", "exit 5", variables={b"GOQ_JOB_ID": b"3"})
    said, stopped = heard(herd)

    assert Said("epilog", 3, ["busy"], "the epilog took longer than 0.3 s: busy") == said
    assert isinstance(stopped, Stopped)
    assert (5, "") == (stopped.exit_code, stopped.trouble)

    do("", "kill -9 $$")
    herd.start("true", variables={b"GOQ_JOB_ID": b"4"})
    assert Said("epilog", 4, [], "the epilog was ended by signal 9") == heard(herd)[0]


def test_what_a_prolog_leaves_running_is_ended(herd: Herd, do: DO) -> None:
    """Else nobody would know when the job has ended."""
    do("sleep 1000 & setsid sleep 1000 & exit 0")
    herd.start("sh", "-c", "exit 6")

    assert 6 == herd.stopped().exit_code
    assert [] == herd.living()


def test_the_epilog_comes_after_a_kill(herd: Herd, do: DO) -> None:
    """With the signal in its status, and once the last process is gone."""
    log = do("", "echo $GOQ_EXIT_STATUS >> $LOG")
    herd.shell("echo ready; exec sleep 1000")
    herd.says(b"ready")
    herd.kill()
    assert signal.SIGTERM == herd.stopped().signal
    herd.shell(DEAF)
    herd.says(b"deaf")
    herd.kill(grace_s=0.1)
    assert signal.SIGKILL == herd.stopped().signal

    assert ["143", "137"] == log.read_text().split()


def test_the_epilog_comes_after_an_overrun(herd: Herd, do: DO) -> None:
    """The cause of the end is told all the same."""
    log = do("", "echo $GOQ_EXIT_STATUS >> $LOG")
    herd.start("sleep", "1000", bounds=(0.2, 0, 0, 0))

    assert "time" == herd.stopped().cause
    assert "143\n" == log.read_text()


def test_the_time_of_a_job_begins_after_its_prolog(herd: Herd, do: DO) -> None:
    """A slow node takes nobody's time."""
    do("sleep 1", "sleep 1")
    herd.start("sh", "-c", "sleep 0.1; exit 3", bounds=(1.0, 0, 0, 0))
    stopped = herd.stopped()

    assert (3, "") == (stopped.exit_code, stopped.cause)
    assert stopped.ended_ns - stopped.started_ns < 1_000_000_000


def test_a_kill_in_the_prolog_ends_that_and_the_job(herd: Herd, do: DO) -> None:
    """It never begins, and it is nobody's trouble; the epilog tidies up."""
    log = do("echo begun >> $LOG; sleep 1000", "echo $GOQ_EXIT_STATUS >> $LOG")
    herd.start("touch", str(herd.folder / "begun"))
    wait_until(lambda: log.exists() and log.read_text() != "", "the prolog")
    herd.kill()
    stopped = herd.stopped()

    assert (signal.SIGTERM, 0, "", "") == (stopped.signal, stopped.pid, stopped.trouble, stopped.problem)
    assert not (herd.folder / "begun").exists()
    assert ["begun", "143"] == log.read_text().split()


def test_a_prolog_that_hears_no_kill_is_killed_after_the_grace(herd: Herd, do: DO) -> None:
    """As the job would be."""
    log = do("trap '' TERM; echo begun >> $LOG; while :; do sleep 0.05; done")
    herd.start("true")
    wait_until(lambda: log.exists() and log.read_text() != "", "the prolog")
    herd.kill(grace_s=0.3)

    assert signal.SIGTERM == herd.stopped().signal
    assert [] == herd.living()


def test_a_kill_in_the_epilog_is_too_late(herd: Herd, do: DO) -> None:
    """The job is over, and the node is to be tidy."""
    log = do("", "echo begun >> $LOG; sleep 0.5; echo done >> $LOG")
    herd.start("sh", "-c", "exit 3")
    wait_until(lambda: log.exists() and log.read_text() != "", "the epilog")
    herd.kill(signal.SIGKILL)

    assert 3 == herd.stopped().exit_code
    assert ["begun", "done"] == log.read_text().split()


def test_a_job_that_cannot_be_started_has_both(herd: Herd, do: DO) -> None:
    """What was made for it is taken away."""
    log = do("echo before >> $LOG", "echo $GOQ_EXIT_STATUS >> $LOG")
    herd.start("no-such-command")

    assert 127 == herd.stopped().exit_code
    assert ["before", "127"] == log.read_text().split()


def test_the_epilog_comes_though_the_worker_has_died(herd: Herd, do: DO) -> None:
    """Nobody else would tidy up; the job is gone by then."""
    log = do("", "kill -0 $(cat $LOG.pid) || echo gone $GOQ_EXIT_STATUS >> $LOG")
    herd.shell(f"echo $$ > {log}.pid; echo ready; exec sleep 1000")
    herd.says(b"ready")
    herd.executor.close()

    assert "gone 137\n" == log.read_text()


def test_the_epilog_comes_though_the_shepherd_has_died(herd: Herd, do: DO) -> None:
    """By the next one, before its first job; and once."""
    log = do("", "sleep 0.2; echo $GOQ_JOB_ID $GOQ_EXIT_STATUS >> $LOG")
    herd.start("sh", "-c", "echo ready; exec sleep 1000", variables={b"GOQ_JOB_ID": b"8"})
    herd.says(b"ready")
    os.kill(herd.executor.pid, signal.SIGKILL)
    event = herd.heard()
    assert isinstance(event, ShepherdDied)
    herd.start("true", variables={b"GOQ_JOB_ID": b"9"})
    assert 0 == herd.stopped().exit_code
    os.kill(herd.executor.pid, signal.SIGKILL)
    assert ShepherdDied(None) == herd.heard()
    herd.start("true", variables={b"GOQ_JOB_ID": b"10"})

    assert 0 == herd.stopped().exit_code
    assert ["8 137", "9 0", "10 0"] == log.read_text().splitlines()


def test_an_end_is_known_though_the_shepherd_dies_in_the_epilog(herd: Herd, do: DO) -> None:
    """The job has ended, and is not to run again."""
    log = do("", "echo $GOQ_EXIT_STATUS >> $LOG; test -e $LOG.2 || { touch $LOG.2; sleep 1000; }")
    herd.start("sh", "-c", "exit 4")
    wait_until(lambda: Path(f"{log}.2").exists(), "the epilog")
    os.kill(herd.executor.pid, signal.SIGKILL)
    event = herd.heard()

    assert isinstance(event, ShepherdDied)
    assert event.job is not None
    assert 4 == event.job.exit_code
    wait_until(lambda: log.read_text().split() == ["4", "4"], "another try")


def test_without_any_nothing_is_done(herd: Herd, do: DO) -> None:
    """No process more, and none told of."""
    do()
    stopped = herd.run("true")

    assert [stopped] == herd.events
