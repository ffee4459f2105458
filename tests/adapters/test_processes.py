"""Looking after processes: who descends from whom, and who is to be killed.

Each claim is tried in a process of its own, because it changes what kind of parent a process is.
"""

import subprocess
import sys

PRELUDE = """
import os, signal, subprocess, sys, time
from goq.adapters.jobs.processes import *

def wait_for(claim):
    deadline = time.monotonic() + 20
    while not claim():
        assert time.monotonic() < deadline
        time.sleep(0.002)
"""


def told(script: str) -> str:
    """What a script says that uses the functions under test."""
    command = [sys.executable, "-c", PRELUDE + script]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, timeout=60)
    return done.stdout.strip()


def test_an_orphan_stays_a_descendant_of_a_subreaper() -> None:
    """Whatever a job forks, its shepherd is the parent in the end."""
    script = """
become_subreaper()
first = subprocess.Popen(["sh", "-c", "setsid sleep 1000 & echo $!"], stdout=subprocess.PIPE, text=True)
orphan = int(first.stdout.readline())
first.wait()
wait_for(lambda: descendants() == [orphan])
os.kill(orphan, signal.SIGKILL)
wait_for(lambda: reap())
print(descendants())
"""

    assert "[]" == told(script)


def test_descendants_come_after_their_parents() -> None:
    """A parent that is killed first cannot start another child in the meantime."""
    script = """
shell = subprocess.Popen(["sh", "-c", "sh -c 'sleep 1000; :'; :"])
wait_for(lambda: len(descendants()) == 3)
found = descendants()
parents = [int(open(f"/proc/{pid}/stat").read().split()[3]) for pid in found]
print(parents == [os.getpid(), *found[:2]])
signal_descendants(signal.SIGKILL)
shell.wait()
"""

    assert "True" == told(script)


def test_children_of_every_thread_are_found() -> None:
    """The kernel lists children by the thread that started them."""
    script = """
import threading
started, over = threading.Event(), threading.Event()
def start():
    global sleeper
    sleeper = subprocess.Popen(["sleep", "1000"])
    started.set()
    over.wait()
thread = threading.Thread(target=start)
thread.start()
started.wait()
print(descendants() == [sleeper.pid])
signal_descendants(signal.SIGKILL)
sleeper.wait()
over.set()
"""

    assert "True" == told(script)


def test_a_reaped_child_tells_how_it_ended() -> None:
    """By exit code or by signal, and nothing while it runs; without a child that is an error."""
    script = """
pid = os.spawnlp(os.P_NOWAIT, "sh", "sh", "-c", "exit 3")
wait_for(lambda: globals().__setitem__("first", reap()) or first)
other = os.spawnlp(os.P_NOWAIT, "sleep", "sleep", "1000")
nothing = reap()
os.kill(other, signal.SIGKILL)
wait_for(lambda: globals().__setitem__("second", reap()) or second)
try: reap()
except ChildProcessError: print("none left")
print(first[0] == pid, first[1].code, first[1].signal)
print(nothing, second[0] == other, second[1].code, second[1].signal)
"""

    assert ["none left", "True 3 0", "None True 0 9"] == told(script).splitlines()


def test_strays_are_killed_and_others_kept() -> None:
    """When a shepherd is killed its worker inherits the job, but has other shepherds too."""
    script = """
become_subreaper()
kept = subprocess.Popen(["sleep", "1000"])
shepherd = subprocess.Popen(["sh", "-c", "(setsid sleep 1001 &) ; sleep 1002 & exec sleep 1003"])
wait_for(lambda: len(descendants()) == 4)
shepherd.kill()
shepherd.wait()
kill_strays({kept.pid})
print(descendants() == [kept.pid])
kept.kill()
kept.wait()
kill_strays(set())
print(descendants())
"""

    assert ["True", "[]"] == told(script).splitlines()


def test_strangers_are_reaped_and_our_own_children_left_to_those_who_wait_for_them() -> None:
    """Process 1 of a container gets the orphans of all others; its own accounts must not be confused."""
    script = """
become_subreaper()
ours = subprocess.Popen(["sh", "-c", "exit 3"])
lives = subprocess.Popen(["sleep", "1000"])
outer = subprocess.Popen(["sh", "-c", "sleep 0.01 & sleep 1000 & exit 0"])
outer.wait()
def zombies():
    return {pid for pid in descendants() if open(f"/proc/{pid}/stat").read().split()[2] == "Z"}
wait_for(lambda: len(zombies()) == 2)
reap_strangers([ours.pid, lives.pid])
print(zombies() == {ours.pid}, ours.wait(), lives.poll())
reap_strangers([])
signal_descendants(signal.SIGKILL)
wait_for(lambda: (reap_strangers([lives.pid]), descendants() == [lives.pid])[1])
print(lives.wait())
"""

    assert ["True 3 None", "-9"] == told(script).splitlines()


def test_the_living_are_told_by_name_whatever_they_are_called() -> None:
    """A name may hold anything; it goes into a line for people. Who is dead had not to be ended."""
    script = """
import ctypes
def called(name):
    pid = os.fork()
    if not pid:
        ctypes.CDLL(None).prctl(15, name)
        time.sleep(1000)
    wait_for(lambda: open(f"/proc/{pid}/comm", "rb").read() == name + b"\\n")
    return pid
pids = [called(b"a) Z 1 (b"), called(b"\\x1b[31m\\n\\xff")]
dead = subprocess.Popen("true")
wait_for(lambda: ") Z " in open(f"/proc/{dead.pid}/stat").read())
names = names_of([*pids, dead.pid, 2 ** 22 + 1])
print(names[pids[0]], names[pids[1]].isprintable(), len(names))
signal_all(pids, signal.SIGKILL)
os.wait()
"""

    assert "a) Z 1 (b True 2" == told(script)


def test_a_signal_to_no_descendants_is_nothing() -> None:
    """The job was faster."""
    assert "done" == told("signal_descendants(signal.SIGTERM); print('done')")
