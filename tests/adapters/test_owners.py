"""Jobs that run as their owners: what they are, what they may, and what they get of who starts them.

Two accounts that every system has serve as owners.
"""

import errno
import os
import pwd
import resource
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from adapters.herd import Herd
from adapters.until import wait_until
from goq.adapters.accounts import Account, account_named
from goq.adapters.jobs import owners
from goq.adapters.jobs.accounts import acting_as, being
from goq.adapters.jobs.chores import Chores
from goq.adapters.jobs.executor import Executor, Said, Stopped
from goq.adapters.jobs.owners import AS_ITSELF, Identity, take_identity
from goq.adapters.jobs.spawning import CannotStart
from goq.core.values.result import FOLDER_TROUBLE
from goq.errors import BadSetting

OWNER, OTHER = "nobody", "daemon"
TESTS = str(Path(__file__).parent.parent)
PRINT_STATUS = "grep -E '^(Uid|Gid|Groups|Cap|NoNewPrivs)' /proc/self/status"

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can run jobs as somebody else")


@pytest.fixture(name="ground")
def _ground() -> Iterator[Path]:
    """A folder that everybody can enter; pytest's own ones are root's alone."""
    path = Path(tempfile.mkdtemp(prefix="goq-test-"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path)


@pytest.fixture(name="as_owner")
def _as_owner(herd: Herd, ground: Path) -> Callable[..., Herd]:
    """Has a shepherd that runs jobs as their owners, with a TMPDIR."""

    def have(chores: Chores | None = None, *, allow_root: bool = False) -> Herd:
        herd.executor.close()
        (ground / "tmp").mkdir()
        (ground / "tmp").chmod(0o711)
        herd.executor = Executor(
            herd.launcher,
            kill_strays=herd.launcher.kill_strays,
            scratch=ground / "tmp" / "0",
            chores=chores or Chores(),
            identity=Identity(as_owner=True, allow_root=allow_root),
        )
        return herd

    return have


@pytest.fixture(name="owned")
def _owned(as_owner: Callable[..., Herd]) -> Herd:
    return as_owner()


def run(herd: Herd, script: str, owner: str = OWNER, **how: object) -> Stopped:
    """Run a shell script as a job of the owner, in /."""
    herd.start("/bin/sh", "-c", script, folder=b"/", owner=owner, **how)  # type: ignore[arg-type]  # as given
    return herd.stopped()


def folder_of(owner: str, path: Path, mode: int = 0o700) -> Path:
    """A folder of that user's."""
    path.mkdir()
    path.chmod(mode)
    account = pwd.getpwnam(owner)
    os.chown(path, account.pw_uid, account.pw_gid)
    return path


# --- who a job is ----------------------------------------------------------------------------


def test_a_job_is_its_owner_and_can_be_nobody_else(owned: Herd) -> None:
    """Real, effective, saved and file ids, groups, and not one capability; sudo and ping may give it some."""
    for owner in (OWNER, OTHER, OWNER):
        account = pwd.getpwnam(owner)
        assert 0 == run(owned, PRINT_STATUS, owner).exit_code
        lines = dict(line.split(":", 1) for line in owned.output.decode().splitlines())
        said = {name: value.split() for name, value in lines.items()}

        assert [str(account.pw_uid)] * 4 == said["Uid"]
        assert [str(account.pw_gid)] * 4 == said["Gid"]
        assert sorted(map(str, os.getgrouplist(owner, account.pw_gid))) == sorted(said["Groups"])
        assert all(set(said[name][0]) == {"0"} for name in ("CapInh", "CapPrm", "CapEff", "CapAmb"))
        assert ["0"] == said["NoNewPrivs"]


def test_who_starts_it_is_root_as_before(owned: Herd) -> None:
    """With all that it needs for the next job, which is another's."""
    before = Path(f"/proc/{owned.executor.pid}/status").read_text()
    run(owned, "exit 3")
    after = Path(f"/proc/{owned.executor.pid}/status").read_text()

    def ids(status: str) -> list[str]:
        return [line for line in status.splitlines() if line.startswith(("Uid", "Gid", "Groups", "Cap"))]

    assert ids(before) == ids(after)
    assert "Uid:\t0\t0\t0\t0" in ids(after)


def test_its_variables_are_those_of_the_account_here(owned: Herd) -> None:
    """What its submitter's host says of home and shell is of no use on this one."""
    account = pwd.getpwnam(OWNER)
    theirs = {b"HOME": b"/home/elsewhere", b"USER": b"root", b"LOGNAME": b"root", b"SHELL": b"/bin/else"}
    script = 'echo "$HOME $USER $LOGNAME $SHELL $OTHER"'
    run(owned, script, variables=theirs | {b"OTHER": b"kept"})

    assert f"{account.pw_dir} {OWNER} {OWNER} {account.pw_shell} kept\n".encode() == owned.output


def test_it_has_three_descriptors_and_they_are_its_own(owned: Herd) -> None:
    """A job opens /dev/stdout anew, which a pipe of root's would not let it. Of the job before it has none."""
    run(owned, "true")
    script = "echo one > /dev/stdout; cat < /dev/stdin; ls /proc/self/fd; stat -L -c %U /dev/stdout"
    assert 0 == run(owned, script).exit_code

    assert f"one\n0\n1\n2\n3\n{OWNER}\n".encode() == owned.output  # 3 is how ls looks


def test_a_service_managers_gifts_are_not_handed_on(tmp_path: Path) -> None:
    """Ambient capabilities outlive an execve; a job would have root's by them."""
    if shutil.which("setpriv") is None:
        pytest.skip("there is no setpriv")
    given = ["setpriv", "--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
    program = [sys.executable, "-c", WITH_GIFTS, str(tmp_path), TESTS]
    said = subprocess.run([*given, *program], capture_output=True, text=True, check=True).stdout

    assert ["0" * 16] * 4 == [
        line.split()[1] for line in said.splitlines() if line.startswith("Cap") and "Bnd" not in line
    ]


WITH_GIFTS = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from adapters.herd import Herd
from goq.adapters.jobs.executor import Executor
from goq.adapters.jobs.owners import Identity
herd = Herd(Path(sys.argv[1]))
herd.executor.close()
herd.executor = Executor(herd.launcher, identity=Identity(as_owner=True))
herd.start("/bin/sh", "-c", "grep Cap /proc/self/status", folder=b"/", owner="nobody")
assert herd.stopped().exit_code == 0
print(herd.output.decode())
herd.close()
"""


def test_a_setuid_program_works_as_in_a_shell(owned: Herd, ground: Path) -> None:
    """sudo, ping, and what a site has of its own."""
    program = ground / "id"
    shutil.copyfile("/usr/bin/id", program)
    program.chmod(0o4755)
    account = pwd.getpwnam(OWNER)
    assert 0 == run(owned, f"{program} -u; {program} -ru").exit_code

    assert f"0\n{account.pw_uid}\n".encode() == owned.output


# --- whose jobs run here -----------------------------------------------------------------------


def test_an_owner_without_an_account_is_lacking_here(owned: Herd) -> None:
    """On another node there is one, and others have theirs here."""
    for name in ("no-such-user", "no\0user", "", "0"):
        stopped = run(owned, "true", owner=name)

        assert (FOLDER_TROUBLE, 0) == (stopped.trouble, stopped.pid)
        assert stopped.problem.startswith("there is no account '")
    assert 0 == run(owned, "true").exit_code


def test_roots_jobs_run_only_where_that_is_allowed(owned: Herd) -> None:
    """Whoever can submit as root at some host would have root at all of them."""
    stopped = run(owned, "true", owner="root")

    assert FOLDER_TROUBLE == stopped.trouble
    assert "--allow-root" in stopped.problem


def test_root_may_be_allowed(as_owner: Callable[..., Herd]) -> None:
    """By who has started the worker."""
    herd = as_owner(allow_root=True)
    assert 0 == run(herd, "id -u", owner="root").exit_code

    assert b"0\n" == herd.output


def test_who_has_too_many_processes_is_alone_with_that(owned: Herd) -> None:
    """His limit is no trouble of the node, which others use."""
    owned.start("sleep", "1000", folder=b"/", owner=OWNER)
    wait_until(lambda: owned.living() and owned.has_obeyed(), "the first, and who started it")
    limits = resource.prlimit(owned.executor.pid, resource.RLIMIT_NPROC)
    resource.prlimit(owned.executor.pid, resource.RLIMIT_NPROC, (0, limits[1]))
    owned.kill()
    owned.stopped()
    stopped = run(owned, "true")
    resource.prlimit(owned.executor.pid, resource.RLIMIT_NPROC, limits)

    assert FOLDER_TROUBLE == stopped.trouble
    assert "as many processes" in stopped.problem
    assert 0 == run(owned, "true").exit_code


def test_only_root_can_have_a_nodes_identity(monkeypatch: pytest.MonkeyPatch) -> None:
    """Anybody else's worker would fail at each job."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(BadSetting, match="only root can do"):
        take_identity(is_node=True, allow_root=False)

    assert AS_ITSELF == take_identity(is_node=False, allow_root=True)


# --- what a job may ----------------------------------------------------------------------------


def test_a_folder_of_anothers_is_not_entered(owned: Herd, ground: Path) -> None:
    """That is the job's fault, and as it would be in a shell."""
    closed = folder_of(OTHER, ground / "closed")
    for physical in (b"", bytes(closed)):
        owned.start("true", folder=bytes(closed), physical=physical, owner=OWNER)
        stopped = owned.stopped()

        assert (125, "") == (stopped.exit_code, stopped.trouble)
        assert "may not be entered" in stopped.problem
    owned.start("true", folder=bytes(closed), owner=OTHER)
    assert 0 == owned.stopped().exit_code


def test_a_program_of_anothers_is_not_found(owned: Herd, ground: Path) -> None:
    """Neither by its path nor by PATH, nor does anybody tell that it is there."""
    closed = folder_of(OTHER, ground / "closed")
    program = closed / "secret-program"
    program.write_text("#!/bin/sh\necho ran")
    program.chmod(0o755)
    for word, path in ((str(program), b"/bin"), ("secret-program", bytes(closed) + b":/bin")):
        owned.start(word, folder=b"/", owner=OWNER, variables={b"PATH": path})

        assert owned.stopped().exit_code in (126, 127)
        assert b"" == owned.output
        owned.start(word, folder=b"/", owner=OTHER, variables={b"PATH": path})
        assert 0 == owned.stopped().exit_code


def test_its_standard_input_is_no_file_of_anothers(owned: Herd, ground: Path) -> None:
    """Root could open it."""
    secret = folder_of(OTHER, ground / "closed") / "secret"
    secret.write_text("secret")
    stopped = run(owned, "cat", stdin=bytes(secret))

    assert (1, "") == (stopped.exit_code, stopped.trouble)
    assert b"" == owned.output
    assert 0 == run(owned, "cat", stdin=bytes(secret), owner=OTHER).exit_code


@pytest.mark.parametrize("name", ["/etc/goq-test-output", "link", "closed/out"])
def test_its_output_goes_nowhere_where_its_owner_may_not_write(owned: Herd, ground: Path, name: str) -> None:
    """The kernel says so, by a template or by a link."""
    mine, others = folder_of(OWNER, ground / "mine"), folder_of(OTHER, ground / "others")
    (others / "out").touch()
    (mine / "link").symlink_to(others / "out")
    (mine / "closed").symlink_to(others)
    stopped = run(owned, "echo in", output=((bytes(mine / name), True),))
    in_etc = Path("/etc/goq-test-output")
    was_made = in_etc.exists()
    in_etc.unlink(missing_ok=True)

    assert (1, "") == (stopped.exit_code, stopped.trouble)
    assert "cannot be written: Permission denied" in stopped.problem
    assert b"" == (others / "out").read_bytes()
    assert not was_made


def test_its_output_is_its_owners(owned: Herd, ground: Path) -> None:
    """With the permissions that its umask leaves."""
    mine = folder_of(OWNER, ground / "mine")
    to = ((bytes(mine / "out"), True), (bytes(mine / "err"), True))
    assert 0 == run(owned, "echo in; echo also >&2", output=to, umask=0o027).exit_code

    for name, said in (("out", b"in\n"), ("err", b"also\n")):
        there = (mine / name).stat()
        assert (pwd.getpwnam(OWNER).pw_uid, 0o640) == (there.st_uid, stat.S_IMODE(there.st_mode))
        assert said == (mine / name).read_bytes()


def test_what_was_made_for_it_is_its_owners(owned: Herd, ground: Path) -> None:
    """A script, and what was piped; nobody else can read that."""
    script, piped = ground / "1.1.script", ground / "1.1.stdin"
    for path, text in ((script, "cat; cat /dev/stdin; stat -c %U:%a $0"), (piped, "piped\n")):
        path.write_text(text)
        path.chmod(0o400)
    how = {"stdin": bytes(piped), "own": (bytes(script), bytes(piped))}
    owned.start("/bin/sh", str(script), folder=b"/", owner=OWNER, **how)  # type: ignore[arg-type]  # as given
    assert 0 == owned.stopped().exit_code

    assert f"piped\npiped\n{OWNER}:400\n".encode() == owned.output
    assert 0 != run(owned, f"cat {script}", owner=OTHER).exit_code


# --- who starts it is out of its reach -----------------------------------------------------------

REACH = """
import ctypes, os, signal, sys
for pid in map(int, sys.argv[1:]):
    for name in ("environ", "mem", "maps", "fd", "cwd", "root", "exe", "auxv", "io", "syscall"):
        path = f"/proc/{pid}/{name}"
        try:
            if name in ("cwd", "root", "exe"):
                os.readlink(path)
            elif name == "fd":
                os.listdir(path)
            else:
                open(path, "rb").read(1)
        except PermissionError:
            continue
        print("can read", path)
    if ctypes.CDLL(None).ptrace(16, pid, 0, 0) == 0:
        print("can trace", pid)
    for number in (signal.SIGKILL, signal.SIGSTOP, 0):
        try:
            os.kill(pid, number)
        except PermissionError:
            continue
        print("can send a signal to", pid)
"""


def test_a_job_sees_nothing_of_who_starts_it(owned: Herd) -> None:
    """The worker has the key of the node, and the shepherd will start others' jobs."""
    python = shutil.which("python3", path="/usr/bin:/bin:/usr/local/bin")
    if python is None:
        pytest.skip("there is no Python that everybody may run")
    template = owned.launcher._template.pid
    pids = [os.getpid(), owned.executor.pid, template]
    owned.start(python, "-c", REACH, *map(str, pids), folder=b"/", owner=OWNER)
    assert 0 == owned.stopped().exit_code

    assert b"" == owned.output


KEYS = """
import ctypes, sys
libc = ctypes.CDLL(None, use_errno=True)
session = ctypes.c_int32(-3)
if sys.argv[2] == "add":
    print(libc.syscall(int(sys.argv[1]), b"user", b"goq-test", b"secret", 6, session) > 0)
else:
    print(libc.syscall(int(sys.argv[1]), 10, session, b"user", b"goq-test", 0) > 0)
"""
ADD_KEY, KEYCTL = {"x86_64": (248, 250), "aarch64": (217, 219)}.get(os.uname().machine, (0, 0))


def test_no_job_finds_the_keys_of_another_users(owned: Herd) -> None:
    """What is in the session's keyring is for all who have that, whoever they are."""
    python = shutil.which("python3", path="/usr/bin:/bin:/usr/local/bin")
    if python is None or not KEYCTL:
        pytest.skip("there is no Python that everybody may run, or nobody knows how to ask this kernel")

    def says(owner: str, number: int, what: str) -> bytes:
        owned.start(python, "-c", KEYS, str(number), what, folder=b"/", owner=owner)
        assert 0 == owned.stopped().exit_code
        return owned.output

    if says(OWNER, ADD_KEY, "add") != b"True\n":
        pytest.skip("this kernel keeps no keys, or lets nobody at them")

    assert b"True\n" == says(OWNER, KEYCTL, "find")
    assert b"False\n" == says(OTHER, KEYCTL, "find")


DIES = """
import os, resource, signal, sys
from goq.adapters.jobs.processes import keep_from_users
resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY,) * 2)
if sys.argv[1] == "kept":
    keep_from_users()
os.kill(os.getpid(), signal.SIGSEGV)
"""


def test_who_starts_jobs_leaves_no_core(tmp_path: Path) -> None:
    """There is a key in it."""

    def dumps(how: str) -> bool:
        command = [sys.executable, "-c", DIES, how]
        process = subprocess.Popen(command, cwd=tmp_path)
        _, status = os.waitpid(process.pid, 0)
        process.returncode = 0
        assert signal.SIGSEGV == os.WTERMSIG(status)
        return os.WCOREDUMP(status)

    assert not dumps("kept")
    if not dumps("else"):
        pytest.skip("no process leaves a core here")


# --- its temporary files -------------------------------------------------------------------------


def test_its_temporary_folder_is_its_owners_alone(owned: Herd, ground: Path) -> None:
    """Each job finds it empty, whoever was there before it."""
    for owner in (OWNER, OWNER, OTHER, OWNER):
        assert (
            0
            == run(owned, 'ls -A "$TMPDIR"; touch "$TMPDIR/file"; stat -c "%U %a" "$TMPDIR"', owner).exit_code
        )
        assert f"{owner} 700\n".encode() == owned.output
    owned.start("sh", "-c", 'touch "$TMPDIR/file"; echo on; exec sleep 1000', folder=b"/", owner=OWNER)
    owned.says(b"on")
    place = ground / "tmp" / f"0.{pwd.getpwnam(OWNER).pw_uid}"
    look = ["setpriv", f"--reuid={OTHER}", "--clear-groups", "ls", str(place)]

    assert 0 != subprocess.run(look, capture_output=True, check=False).returncode
    owned.kill()
    owned.stopped()
    wait_until(lambda: not place.exists() or not list(place.iterdir()), "an empty folder")


def test_what_one_owner_leaves_does_not_wait_for_his_next_job(owned: Herd, ground: Path) -> None:
    """It would lie there while the others' jobs go on."""
    owned.start("sh", "-c", 'echo much > "$TMPDIR/file"; echo $TMPDIR', folder=b"/", owner=OWNER)
    owned.start("sh", "-c", "echo on; exec sleep 1000", folder=b"/", owner=OTHER)
    owned.stopped()
    owned.says(b"on")

    assert not list((ground / "tmp").glob("*/file"))
    owned.kill()
    owned.stopped()


def test_nothing_is_left_at_the_end(owned: Herd, ground: Path) -> None:
    """Of no owner, also when the worker dies."""
    for owner in (OWNER, OTHER):
        run(owned, 'touch "$TMPDIR/file"', owner)
    owned.executor.close()

    assert not (ground / "tmp").exists()


def test_what_a_link_in_it_leads_to_stays(owned: Herd, ground: Path) -> None:
    """Root clears the folder."""
    others = folder_of(OTHER, ground / "others")
    (others / "file").touch()
    (others / "file").chmod(0o600)
    script = f'cd "$TMPDIR"; ln -s {others} folder; ln -s {others}/file file; mkdir -p a/b; ln -s {others} a/b/c; chmod 0 a'
    run(owned, script)
    wait_until(lambda: not list((ground / "tmp").glob("*/*")), "an empty folder")

    assert (others / "file").exists()
    assert 0o600 == stat.S_IMODE((others / "file").stat().st_mode)
    assert 0o700 == stat.S_IMODE(others.stat().st_mode)


# --- signals ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_all_of_its_processes_can_be_ended(owned: Herd, number: int) -> None:
    """Also those that are in a session of their own, and hear nothing."""
    script = "trap '' TERM; setsid sh -c \"trap '' TERM; sleep 1000\" & sleep 1000 & echo on; while :; do sleep 0.1; done"
    owned.start("sh", "-c", script, folder=b"/", owner=OWNER)
    owned.says(b"on")
    owned.kill(number, grace_s=0.2)
    owned.stopped()

    assert [] == owned.living()


def test_it_can_be_stopped_and_goes_on(owned: Herd) -> None:
    """By who is not its owner."""
    owned.start("sh", "-c", "echo $$; exec sleep 1000", folder=b"/", owner=OWNER)
    wait_until(lambda: owned.output, "the first process")
    state = Path("/proc", owned.output.decode().strip(), "stat")

    def is_stopped() -> bool:
        return state.read_text().rpartition(")")[2].split()[0] == "T"

    owned.executor.direct(owned.number, 0.0, paused=True)
    wait_until(is_stopped, "a stopped job")
    owned.executor.direct(owned.number, 0.0, paused=False)
    wait_until(lambda: not is_stopped(), "a job that goes on")
    owned.kill()
    owned.stopped()


def test_what_a_killed_shepherd_leaves_is_found(owned: Herd) -> None:
    """It comes to the worker, which is root."""
    owned.start("sh", "-c", "setsid sleep 1000 & echo on; exec sleep 1000", folder=b"/", owner=OWNER)
    owned.says(b"on")
    os.kill(owned.executor.pid, signal.SIGKILL)
    wait_until(lambda: owned.look() or not owned.living(), "the end of the shepherd")

    wait_until(lambda: not owned.living(), "the end of all of the job")


# --- before and after it -----------------------------------------------------------------------------


def test_prolog_and_epilog_have_nothing_of_the_submitter(as_owner: Callable[..., Herd], ground: Path) -> None:
    """They run as root: a variable of his, such as LD_PRELOAD, would have root do what he likes."""
    log = ground / "log"
    line = f'echo "$(id -u) $GOQ_OWNER $GOQ_JOB_ID $GOQ_EXIT_STATUS" >> {log}; env >> {log}'.encode()
    herd = as_owner(Chores(line, line))
    theirs = {b"BASH_ENV": b"/his", b"LD_LIBRARY_PATH": b"/his", b"HIS": b"1", b"GOQ_JOB_ID": b"17"}
    herd.start("sh", "-c", "exit 7", folder=b"/", owner=OWNER, variables=theirs)
    heard = [herd.heard()]
    while isinstance(heard[-1], Said):
        heard.append(herd.heard())
    text = log.read_text()

    assert [f"0 {OWNER}  ", f"0 {OWNER}  7"] == [line for line in text.splitlines() if line.startswith("0 ")]
    assert "/his" not in text
    assert "HIS" not in text
    assert "EXTRA=1" in text, "goq's own"


def test_neither_runs_for_who_has_no_account(as_owner: Callable[..., Herd], ground: Path) -> None:
    """There is no job that it would be before or after."""
    line = f"echo ran >> {ground / 'log'}".encode()
    herd = as_owner(Chores(line, line))

    assert FOLDER_TROUBLE == run(herd, "true", owner="no-such-user").trouble
    assert not (ground / "log").exists()


# --- looking accounts up -----------------------------------------------------------------------------


def test_an_account_has_all_of_its_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a lab shares is its group's."""
    monkeypatch.setattr(os, "getgrouplist", lambda name, gid: [gid, 4711, len(name)])
    account = account_named(OWNER)

    assert (account.gid, 4711, len(OWNER)) == account.groups


def test_who_could_not_start_a_job_is_himself_for_others_at_once() -> None:
    """To say why not may take its time, in which the owner's other processes could end him."""
    account = account_named(OWNER)
    with acting_as(account):
        with pytest.raises(FileNotFoundError), being(account):
            os.posix_spawn("/no/such/program", ["none"], {})
        ids = os.getresuid()

    assert (0, account.uid, 0) == ids
    assert (0, 0, 0) == os.getresuid()


def test_an_account_is_remembered_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    """A look may be a question to another machine; and somebody may join a group."""
    looks: list[str] = []
    now_s = [0.0]

    def look(name: str) -> Account:
        looks.append(name)
        return Account(name, os.getuid() + 1, os.getgid(), tuple(os.getgroups()))

    monkeypatch.setattr(owners, "account_named", look)
    monkeypatch.setattr(time, "monotonic", lambda: now_s[0])
    known = owners.Owners(allow_root=False)
    for now_s[0] in (0.0, 1.0, owners.REMEMBERED_S - 1, owners.REMEMBERED_S):
        known.account_of("ann")

    assert ["ann", "ann"] == looks


def test_who_may_not_act_as_another_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """A root without the capability, as in some containers, or an account whose number these do not know."""
    real = os.setresuid

    def may_not(ruid: int, euid: int, suid: int) -> None:
        if euid == 4711:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        real(ruid, euid, suid)

    groups = os.getgroups()
    monkeypatch.setattr(owners, "account_named", lambda _name: Account("ann", 4711, 4711, (4711,)))
    monkeypatch.setattr(os, "setresuid", may_not)
    with pytest.raises(CannotStart, match="cannot act as 'ann': Invalid argument") as caught:
        owners.Owners(allow_root=False).account_of("ann")

    assert FOLDER_TROUBLE == caught.value.trouble
    assert ((0, 0, 0), (0, 0, 0), groups) == (os.getresuid(), os.getresgid(), os.getgroups())
