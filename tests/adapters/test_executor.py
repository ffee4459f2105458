"""Starting jobs: what they are given, how their ends are told, and why one could not be started."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from adapters.herd import SHELL, Herd
from goq.core.values.ids import join_argv, join_environment

# The C library's posix_spawn hands its own two signals, 32 and 33, on as ignored. Nobody else may
# use them, and it sets them anew when a program first cancels a thread.
OF_THE_C_LIBRARY = 1 << 31 | 1 << 32

TESTS = str(Path(__file__).resolve().parent.parent)


# --- ends ----------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [0, 1, 3, 127, 255])
def test_an_exit_code_is_told(herd: Herd, code: int) -> None:
    """`goq wait` ends with it."""
    stopped = herd.run(SHELL, "-c", f"exit {code}")

    assert (code, 0, "") == (stopped.exit_code, stopped.signal, stopped.problem)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL, signal.SIGSEGV, signal.SIGUSR1])
def test_a_signal_is_told(herd: Herd, number: int) -> None:
    """A crash is not an exit code."""
    stopped = herd.run(SHELL, "-c", f"kill -{int(number)} $$")

    assert (0, number, "") == (stopped.exit_code, stopped.signal, stopped.problem)


def test_a_shepherd_runs_one_job_after_another(herd: Herd) -> None:
    """It lives as long as its worker; ends must not be mixed up."""
    ends = [herd.run(SHELL, "-c", f"echo {code}; exit {code}").exit_code for code in (5, 6, 7)]
    outputs = [(herd.folder / f"out.{number}").read_bytes() for number in (1, 2, 3)]

    assert [5, 6, 7] == ends
    assert [b"5\n", b"6\n", b"7\n"] == outputs


def test_start_and_end_are_told_with_their_times(herd: Herd) -> None:
    """`goq stat` shows how long a job ran."""
    before_ns = time.time_ns()
    stopped = herd.run("sleep", "0.1")

    assert before_ns <= stopped.started_ns <= stopped.ended_ns - 100_000_000
    assert stopped.ended_ns <= time.time_ns()


def test_the_pid_of_the_first_process_is_told(herd: Herd) -> None:
    """`goq history` names it, for people who look into a node's logs."""
    stopped = herd.run(SHELL, "-c", "echo $$")

    assert b"%d\n" % stopped.pid == herd.output


def test_the_end_of_a_job_is_the_one_thing_that_is_told(herd: Herd) -> None:
    """Each message wakes the worker; a job that could not be started has an end too."""
    ran, failed = herd.run("true"), herd.run("no-such-command")

    assert [ran, failed] == herd.events
    assert 0 == failed.pid
    assert 0 < failed.started_ns == failed.ended_ns


def test_processor_time_and_memory_are_told(herd: Herd) -> None:
    """Plausibly: those of the job, and not of its shepherd."""
    busy = herd.run(
        sys.executable, "-c", "import time; x = b'x' * (80 << 20)\nwhile time.process_time() < 0.4: pass"
    )
    idle = herd.run("true")

    assert 0.35 < busy.cpu_s < 5.0
    assert 80 << 10 < busy.peak_kib < 400 << 10
    assert idle.cpu_s < 0.2


def test_memory_that_is_not_known_is_not_told(herd: Herd) -> None:
    """Before its exec a process has its shepherd's memory, which the kernel counts as the job's own."""
    for _ in range(3):
        small = [
            herd.run(*words).peak_kib for words in (("true",), ("sh", "-c", "exit 3"), ("sleep", "0.05"))
        ]
        large = herd.run(sys.executable, "-c", "x = b'x' * (40 << 20)").peak_kib
        herd.start("no-such-command")
        none = herd.stopped().peak_kib

        assert [0, 0, 0] == small
        assert 40 << 10 < large < 200 << 10
        assert 0 == none


def test_a_child_s_processor_time_counts(herd: Herd) -> None:
    """Most jobs are a script around the program that does the work."""
    burn = f"{sys.executable} -c 'import time\nwhile time.process_time() < 0.3: pass'"
    stopped = herd.run(SHELL, "-c", f"{burn}; true")

    assert 0.25 < stopped.cpu_s < 5.0


# --- what a job is given -------------------------------------------------------------------


def test_words_reach_the_program_as_they_are(herd: Herd) -> None:
    """No shell looks at them; each byte but NUL is allowed, and an empty word is one."""
    words = [b"a b", b"", b"$HOME", b"*", b"'\"", bytes(range(1, 256)), b"-x"]
    stopped = herd.run("printf", b"%s|", *words)

    assert 0 == stopped.exit_code
    assert b"".join(word + b"|" for word in words) == herd.output


def test_a_job_has_the_submitter_s_environment_and_no_other(herd: Herd) -> None:
    """Nothing of the worker's own: two workers must run a job alike."""
    herd.run("env", "-0", variables={b"ODD": b"\xff \n"})
    variables = set(herd.output.split(b"\0"))

    mark = b"GOQ_TEST_HERD=" + herd.mark
    path = b"PATH=/usr/local/bin:/usr/bin:/bin"
    assert {path, mark, b"EXTRA=1", b"ODD=\xff \n", b""} == variables


def test_each_job_has_the_environment_of_its_own_submitter(herd: Herd) -> None:
    """The shepherd is told an environment once, as long as it stays the same."""
    seen = []
    for value in (b"1", b"1", b"2", b"1", None):
        herd.run("env", variables={} if value is None else {b"VALUE": value})
        seen.append([line for line in herd.output.splitlines() if line.startswith(b"VALUE=")])

    assert [[b"VALUE=1"], [b"VALUE=1"], [b"VALUE=2"], [b"VALUE=1"], []] == seen


def test_the_variables_of_one_job_are_not_those_of_the_next(herd: Herd) -> None:
    """Numbers of jobs differ though their environment is the same."""
    environment = join_environment({b"PATH": b"/usr/bin:/bin"})
    for extra in ({b"GOQ_JOB_ID": b"1", b"FIRST": b"1"}, {b"GOQ_JOB_ID": b"2"}):
        herd.executor.start(join_argv([b"env"]), b"/", environment, extra, herd.output_path)
        herd.executor.go()
        herd.stopped()

    assert [b"GOQ_JOB_ID=1", b"FIRST=1", b"GOQ_JOB_ID=2"] == [
        line for line in herd.output.splitlines() if not line.startswith(b"PATH=")
    ]


def test_our_variables_win_over_the_submitter_s(herd: Herd) -> None:
    """A job that submits jobs would hand on the number of its own."""
    herd.run("env", variables={b"EXTRA": b"of the submitter"})

    assert b"EXTRA=1\n" in herd.output
    assert b"submitter" not in herd.output


def test_a_program_is_looked_for_in_the_job_s_path(herd: Herd) -> None:
    """The submitter's, as a shell would have found it; the worker may have another."""
    tool = herd.folder / "bin" / "my-own-tool"
    tool.parent.mkdir()
    tool.write_text("#!/bin/sh\necho mine\n")
    tool.chmod(0o755)
    stopped = herd.run("my-own-tool", variables={b"PATH": b"/nowhere:" + bytes(tool.parent)})

    assert (0, b"mine\n") == (stopped.exit_code, herd.output)


def test_each_job_has_the_path_of_its_own_submitter(herd: Herd) -> None:
    """Also one that has none: then the system's own folders count."""
    for name in ("first", "second"):
        tool = herd.folder / name / "tool"
        tool.parent.mkdir()
        tool.write_text(f"#!/bin/sh\necho {name}\n")
        tool.chmod(0o755)
        herd.run("tool", variables={b"PATH": bytes(tool.parent)})

        assert name == herd.output.decode().strip()
    environment = join_environment({b"HOME": b"/"})
    for program, code in (("true", 0), ("tool", 127)):
        herd.executor.start(join_argv([program.encode()]), b"/", environment, {}, herd.output_path)
        herd.executor.go()

        assert code == herd.stopped().exit_code


def test_a_file_that_is_not_executable_does_not_hide_a_program(herd: Herd) -> None:
    """Nor does a folder of that name: the next place in the PATH counts, as for a shell."""
    for name, content, mode in (("first", "no program\n", 0o644), ("third", "#!/bin/sh\necho mine\n", 0o755)):
        (herd.folder / name).mkdir()
        (herd.folder / name / "tool").write_text(content)
        (herd.folder / name / "tool").chmod(mode)
    (herd.folder / "second" / "tool").mkdir(parents=True)
    path = b":".join(os.fsencode(herd.folder / name) for name in ("first", "second", "third"))
    stopped = herd.run("tool", variables={b"PATH": path})

    assert (0, b"mine\n") == (stopped.exit_code, herd.output)


def test_an_empty_entry_of_the_path_is_the_job_s_folder(herd: Herd) -> None:
    """As for a shell, and in the folder where the job runs, not where its shepherd is."""
    tool = herd.folder / "my-own-tool"
    tool.write_text("#!/bin/sh\necho mine\n")
    tool.chmod(0o755)
    for path in (b"/nowhere:", b":/nowhere", b"."):
        herd.start("my-own-tool", variables={b"PATH": path})
        assert 0 == herd.stopped().exit_code
        assert b"mine\n" == herd.output


def test_a_job_in_another_folder_runs_after_one_whose_folder_is_gone(herd: Herd) -> None:
    """The shepherd goes into each job's folder to start it, and comes back."""
    (herd.folder / "bin").mkdir()
    gone = herd.folder / "gone"
    gone.mkdir()
    herd.start("rmdir", bytes(gone), folder=bytes(gone))
    assert 0 == herd.stopped().exit_code
    assert "/" == os.readlink(f"/proc/{herd.executor.pid}/cwd")

    assert 0 == herd.run("ls", "bin").exit_code


def test_a_relative_program_is_meant_from_the_job_s_folder(herd: Herd) -> None:
    """`goq sub ./job` is the example of the manual."""
    (herd.folder / "job").write_text("#!/bin/sh\npwd\n")
    (herd.folder / "job").chmod(0o755)
    stopped = herd.run("./job")

    assert (0, os.fsencode(herd.folder) + b"\n") == (stopped.exit_code, herd.output)


def test_a_folder_s_name_may_be_of_any_bytes(herd: Herd) -> None:
    """Linux knows no encoding of names."""
    folder = os.fsencode(herd.folder) + b"/odd \xff\n"
    os.mkdir(folder)
    herd.start("readlink", "/proc/self/cwd", folder=folder)
    herd.stopped()

    assert folder + b"\n" == herd.output


def test_where_the_folder_s_name_leads_nowhere_its_path_does(herd: Herd) -> None:
    """And PWD says where the job is; who has none is given none."""
    path = os.fsencode(herd.folder / "here")
    os.mkdir(path)
    for name in (b"/no/such/name", b"/etc/passwd", b"/" + b"x" * 300):
        for show in ("printenv PWD", "readlink /proc/self/cwd"):  # no shell, which would mend PWD itself
            herd.start(*show.split(), folder=name, variables={b"PWD": name}, physical=path)
            assert 0 == herd.stopped().exit_code
            assert path + b"\n" == herd.output
    herd.start("env", folder=b"/no/such/name", physical=path)
    herd.stopped()

    assert b"PWD=" not in herd.output


def test_a_folder_s_name_comes_before_its_path(herd: Herd) -> None:
    """It is what the submitter calls it; PWD must agree with it, whatever it was."""
    path, name = herd.folder / "path", herd.folder / "name"
    path.mkdir()
    name.symlink_to(path)
    for pwd in (bytes(name), bytes(path), b"/", b""):
        herd.start("printenv", "PWD", folder=bytes(name), variables={b"PWD": pwd}, physical=bytes(path))
        herd.stopped()

        assert bytes(name) + b"\n" == herd.output


def test_where_neither_name_nor_path_leads_anywhere_the_name_is_told(herd: Herd) -> None:
    """The submitter knows it."""
    herd.start("true", folder=b"/no/such/name", physical=b"/no/such/path")

    assert "the folder '/no/such/name' is not there" == herd.stopped().problem


def test_a_job_has_the_umask_that_it_is_to_have(herd: Herd) -> None:
    """The next one has its own, and our own files keep theirs."""
    for umask in (0o002, 0o777, 0o022, 0):
        herd.start(SHELL, "-c", "umask", umask=umask)
        herd.stopped()

        assert b"%04o\n" % umask == herd.output
        assert 0o600 == herd.output_path.stat().st_mode & 0o777


def test_a_command_that_is_not_found_comes_with_an_idea(herd: Herd) -> None:
    """What may have been meant is on the place where it failed, or nowhere."""
    (herd.folder / "task.sh").touch()
    (herd.folder / "folder").mkdir()
    problems = {
        ("task.sh",): "command not found: 'task.sh'; ./task.sh is in that folder",
        ("folder",): "command not found: 'folder'",
        ("./sleep 3",): "command not found: './sleep 3'; it is one word; --shell runs it by a shell",
        ("x" * 256 + ";",): f"command not found: '{'x' * 256};'; it is one word; --shell runs it by a shell",
        ("./task.sh/a b",): "command not found: './task.sh/a b'; it is one word; --shell runs it by a shell",
        ("./none", "a"): "command not found: './none'",
    }
    for words, problem in problems.items():
        stopped = herd.run(*words)

        assert (127, problem) == (stopped.exit_code, stopped.problem)


def test_standard_input_is_empty(herd: Herd) -> None:
    """A job that reads it must not hang, nor read what is the shepherd's."""
    herd.run(SHELL, "-c", "readlink /proc/self/fd/0; cat; echo end")

    assert b"/dev/null\nend\n" == herd.output


def test_both_outputs_go_into_one_file_in_the_order_written(herd: Herd) -> None:
    """As on a terminal: an error stands where it happened."""
    herd.run(SHELL, "-c", "for i in 1 2 3; do echo out $i; echo err $i >&2; done")

    assert b"".join(b"out %d\nerr %d\n" % (i, i) for i in (1, 2, 3)) == herd.output


def test_output_is_byte_exact(herd: Herd) -> None:
    """No newline is added, no byte is changed."""
    herd.run("printf", r"\000\377\r\n no newline")

    assert b"\0\xff\r\n no newline" == herd.output


def test_a_job_leads_no_process_group_and_its_group_is_its_own(herd: Herd) -> None:
    """As in a script: setsid(1) then runs in place. Who signals the own group must not hit the worker."""
    herd.shell("cut -d' ' -f 5,6 /proc/$$/stat")
    pid = herd.stopped().pid
    group, session = map(int, herd.output.split())

    assert group not in {pid, os.getpgid(0), os.getpgid(herd.executor.pid), os.getpgid(os.getppid())}
    assert os.getsid(0) != session == os.getsid(herd.executor.pid)


def test_no_descriptor_leaks_into_a_job(herd: Herd) -> None:
    """Through one of the shepherd's a job could command it, or keep a connection open for ever."""
    herd.shell("ls /proc/$$/fd; :")
    herd.stopped()

    assert [b"0", b"1", b"2"] == herd.output.split()


def test_no_signal_is_ignored_or_blocked_in_a_job(herd: Herd) -> None:
    """Programs leave the signals alone that they find ignored, and then cannot be stopped."""
    herd.run("cat", "/proc/self/status")
    status = dict(line.split(b":\t", 1) for line in herd.output.splitlines())

    ignored, blocked, pending = (int(status[name], 16) for name in (b"SigIgn", b"SigBlk", b"SigPnd"))
    assert (0, 0, 0) == (ignored & ~OF_THE_C_LIBRARY, blocked, pending)


WITH_SIGNALS_OFF = """
import signal, sys
from pathlib import Path
ignored = [each for each in signal.valid_signals() if each not in (signal.SIGKILL, signal.SIGSTOP)]
for each in ignored:
    signal.signal(each, signal.SIG_IGN)
signal.pthread_sigmask(signal.SIG_BLOCK, ignored)
sys.path.insert(0, sys.argv[2])
from adapters.herd import a_herd
with a_herd(Path(sys.argv[1])) as herd:
    herd.run("cat", "/proc/self/status")
    print(herd.output.decode())
    herd.shell("kill -INT $$; echo lived on")
    print(herd.stopped().signal)
"""


def test_what_a_worker_was_started_to_ignore_or_block_its_jobs_do_not(tmp_path: Path) -> None:
    """A shell without job control starts what goes to the background with INT and QUIT ignored; nohup HUP."""
    command = [sys.executable, "-c", WITH_SIGNALS_OFF, str(tmp_path), TESTS]
    said = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, timeout=60).stdout
    status = dict(line.split(":\t", 1) for line in said.splitlines() if ":\t" in line)

    assert (0, 0) == (int(status["SigIgn"], 16) & ~OF_THE_C_LIBRARY, int(status["SigBlk"], 16))
    assert f"{int(signal.SIGINT)}" == said.split()[-1]


# --- what cannot be started ----------------------------------------------------------------


def make(path: Path, text: str, mode: int = 0o755) -> str:
    """A file in the job's folder."""
    path.write_text(text)
    path.chmod(mode)
    return f"./{path.name}"


def test_a_command_that_is_not_there_is_told(herd: Herd) -> None:
    """As a shell does: 127. Everybody mistypes."""
    bare, path = herd.run("no-such-command"), herd.run("./no/such/command")

    assert (127, 0, "command not found: 'no-such-command'") == (bare.exit_code, bare.signal, bare.problem)
    assert (127, "command not found: './no/such/command'") == (path.exit_code, path.problem)


def test_a_file_that_is_not_executable_is_told(herd: Herd) -> None:
    """126: the file is there, and chmod is missing."""
    stopped = herd.run(make(herd.folder / "script", "#!/bin/sh\n", 0o644))

    assert (126, "'./script' is not executable") == (stopped.exit_code, stopped.problem)


def test_a_missing_interpreter_is_told(herd: Herd) -> None:
    """The kernel says "no such file" of a file that is there, which nobody understands."""
    stopped = herd.run(make(herd.folder / "script", "#!/no/such/python\n"))

    assert (127, "the interpreter of './script' is not there") == (stopped.exit_code, stopped.problem)


@pytest.mark.parametrize("content", ["echo no interpreter line\n", "\x7fELF and nothing behind it"])
def test_what_is_no_program_is_told(herd: Herd, content: str) -> None:
    """Only a shell would guess that it is a script."""
    stopped = herd.run(make(herd.folder / "script", content))

    assert 126 == stopped.exit_code
    assert "'./script' is no program, and its first line does not begin with #!" == stopped.problem


def test_a_folder_that_is_gone_is_told(herd: Herd) -> None:
    """The file system of another machine may not have it."""
    herd.start("true", folder=b"/no/such/folder")
    stopped = herd.stopped()

    assert (125, "the folder '/no/such/folder' is not there") == (stopped.exit_code, stopped.problem)


def test_a_folder_that_is_a_file_is_told(herd: Herd) -> None:
    """It was one when the job was submitted."""
    place = os.fsencode(herd.folder / "place")
    make(herd.folder / "place", "")
    herd.start("true", folder=place)

    assert f"the folder '{os.fsdecode(place)}' is not there" == herd.stopped().problem


WITHOUT_RIGHTS = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from adapters.herd import a_herd

with a_herd(Path(sys.argv[1])) as herd:
    herd.start("true", folder=bytes(Path(sys.argv[1]) / "closed"))
    stopped = herd.stopped()
    print(stopped.exit_code, stopped.problem)
"""


def test_a_folder_that_may_not_be_entered_is_told(tmp_path: Path) -> None:
    """The worker's user is not always the submitter."""
    (tmp_path / "closed").mkdir(mode=0o000)
    prefix = []
    if os.geteuid() == 0:
        if shutil.which("setpriv") is None:
            pytest.skip("root may enter every folder")
        prefix = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
    command = [*prefix, sys.executable, "-c", WITHOUT_RIGHTS, str(tmp_path), TESTS]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)

    assert f"125 the folder '{tmp_path}/closed' may not be entered" == done.stdout.strip()


def test_an_output_that_cannot_be_written_is_told(herd: Herd) -> None:
    """A worker's disk may be full, or its folder gone."""
    environment = join_environment({b"PATH": b"/bin"})
    place = herd.folder / "missing" / "out"
    herd.executor.start(join_argv([b"true"]), b"/", environment, {}, place)
    herd.executor.go()
    stopped = herd.stopped()

    assert f"the worker cannot write '{place}': No such file or directory" == stopped.problem
    assert 125 == stopped.exit_code


@pytest.mark.parametrize(
    "program", [b"\xff\xfe", b"x\n\x1b[31m", b"x" * 5000, b"\xe2\x98\x83" * 2000], ids=len
)
def test_a_problem_can_be_sent_whatever_the_command_was(herd: Herd, program: bytes) -> None:
    """It travels as text of at most 4,096 characters; a worker that cannot send it is stuck with it."""
    for folder in (None, b"/" + program):
        herd.start(program, folder=folder)
        problem = herd.stopped().problem

        assert problem.isprintable()
        assert 0 < len(problem.encode("utf-8")) < 4096


def test_too_many_arguments_are_told(herd: Herd) -> None:
    """The kernel has a limit that goq has not."""
    stopped = herd.run("true", "x" * (1 << 18))

    assert (126, "'true' cannot be started: Argument list too long") == (stopped.exit_code, stopped.problem)


def test_a_job_can_be_started_after_one_that_could_not(herd: Herd) -> None:
    """A bad command must not cost the worker its shepherd."""
    for _ in range(3):
        herd.run("no-such-command")

    assert 3 == herd.run(SHELL, "-c", "exit 3").exit_code
