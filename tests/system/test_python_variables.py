"""What is said to Python is said to the jobs: goq's own modules come from where goq is installed."""

import os
import shutil
import signal
import site
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

import goq
from system.cluster import GOQ, MARK, Cluster
from system.test_bytes import environment_of

# Of goq's libraries, of what these use, and of what Python loads for any program that it starts.
STRANGE = (
    *("capnp", "click", "msgspec", "pynng", "rich"),
    *("asyncio", "contextlib", "ctypes", "json", "logging", "signal", "socket", "sqlite3", "subprocess"),
    *("collections", "enum", "functools", "importlib", "operator", "re", "types", "typing", "warnings"),
)
PACKAGE = Path(goq.__file__).parent
BASE = getattr(sys, "_base_executable", sys.executable)  # no virtual environment's
LIBRARY = f"lib/python{sys.version_info.major}.{sys.version_info.minor}"


def strange_modules(folder: Path) -> Path:
    """A folder of modules of others, with names that goq imports: each as a file or as a package."""
    folder.mkdir()
    for at, name in enumerate(STRANGE):
        path = folder / name / "__init__.py" if at % 2 else folder / f"{name}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"raise RuntimeError('{name} is not yours')\n")
    return folder


def run(*words: object, env: Mapping[str, str], cwd: Path | None = None) -> str:
    """What a program prints that must succeed, with no more variables than these."""
    done = subprocess.run(
        list(map(str, words)), env=env, cwd=cwd, capture_output=True, text=True, timeout=60, check=False
    )
    assert (0, "") == (done.returncode, done.stderr), done
    return done.stdout


def test_pythonpath_is_for_the_jobs(cluster: Cluster) -> None:
    """`module load` sets it for whole sessions: of the server, of the worker and of the submitter."""
    strange = strange_modules(cluster.folder / "strange")
    cluster.env["PYTHONPATH"] = str(strange)
    cluster.start_server()
    cluster.start_worker()
    seen = cluster.run("printenv", "PYTHONPATH")
    said = cluster.done("stat")

    assert f"{strange}\n".encode() == seen
    assert "finishedJobsCount=1" in said


def test_a_job_is_given_every_variable_as_it_was(cluster: Cluster) -> None:
    """One too few or too many changes a program; without a locale Python has one for itself."""
    cluster.start_server()
    cluster.start_worker()
    given = {
        "PATH": os.environ["PATH"],
        "GOQ_HOME": str(cluster.home),
        "GOQ_JSERV_IP": "127.0.0.1",
        "GOQ_JSERV_PORT": str(cluster.port),
        "PYTHONPATH": str(strange_modules(cluster.folder / "strange")),
        "PYTHONUNBUFFERED": "1",
        MARK: cluster.mark,
    }
    run(GOQ, "sub", "cat", "/proc/self/environ", env=given, cwd=cluster.away)
    cluster.wait_for_end(1)
    found = environment_of(cluster.output(1))
    own = {
        b"GOQ_JOB_ID": b"1",
        b"GOQ_ATTEMPT": b"1",
        b"GOQ_TASK": b"1",
        b"GOQ_CPUS": b"1",
        b"OMP_NUM_THREADS": b"1",
    }
    own[b"TMPDIR"] = found[b"TMPDIR"]

    assert {name.encode(): value.encode() for name, value in given.items()} | own == found


def test_a_workers_own_variables_do_not_reach_its_shepherds(served: Cluster) -> None:
    """They are started by it, in an interpreter of their own."""
    worker = served.start_worker(env={"PYTHONPATH": str(strange_modules(served.folder / "strange"))})

    assert b"fine\n" == served.run("echo", "fine")
    assert "RuntimeError" not in worker.text()


def test_words_pass_unchanged_when_python_starts_again(working: Cluster) -> None:
    """Whatever their bytes are, and whatever they look like to Python itself."""
    working.env["PYTHONPATH"] = str(strange_modules(working.folder / "strange"))
    words = ["-c", "-I", "", "a b", os.fsdecode(b"caf\xe9\xff"), "--", "*"]

    assert os.fsencode("".join(f"<{word}>" for word in words)) == working.run("printf", "<%s>", *words)


def test_modules_in_the_current_folder_are_not_ours(served: Cluster) -> None:
    """Who computes with a signal.py of his own submits from its folder."""
    strange = strange_modules(served.folder / "strange")
    few = served.folder / "few"
    few.mkdir()
    for name in ("click", "json", "signal", "socket"):  # others `python -m` needs itself, whatever the module
        (few / f"{name}.py").write_text("raise RuntimeError('not yours')")
    env = served.variables()

    assert "runQlen=0" in run(GOQ, "stat", env=env, cwd=strange)
    assert "runQlen=0" in run(GOQ, "stat", env=env | {"PYTHONPATH": ":"}, cwd=strange)
    assert "runQlen=0" in run(sys.executable, "-m", "goq", "stat", env=env, cwd=few)


def test_modules_beside_the_program_are_not_ours(cluster: Cluster) -> None:
    """~/bin may hold a json.py that is a program as well."""
    folder = strange_modules(cluster.folder / "bin")
    shutil.copy(GOQ, folder / "goq")

    assert "goq " in run(folder / "goq", "version", env=cluster.variables())


@pytest.mark.parametrize(
    "text",
    [
        "import sys; sys.modules['click'] = sys.modules['signal'] = None",
        "import sys, types; sys.modules['json'] = types.ModuleType('json')",
    ],
)
def test_what_a_customized_python_has_loaded_before_is_not_ours(cluster: Cluster, text: str) -> None:
    """Python runs a sitecustomize before any program."""
    (cluster.folder / "sitecustomize.py").write_text(text + "\n")

    assert "goq " in cluster.done("version", env={"PYTHONPATH": str(cluster.folder)})


def test_variables_that_bend_python_do_not_bend_goq(cluster: Cluster) -> None:
    """Somebody's warnings are no errors of ours, and help without its words is none."""
    for name, value in (("PYTHONWARNINGS", "error"), ("PYTHONOPTIMIZE", "2"), ("PYTHONDEVMODE", "1")):
        assert "Examples:" in cluster.done("sub", "--help", env={name: value})


def test_pythonhome_of_the_same_python_is_overcome(cluster: Cluster) -> None:
    """The interpreter starts, but looks for modules in another place."""
    assert "goq " in cluster.done("version", env={"PYTHONHOME": sys.base_prefix})


# --- installed in other ways ---------------------------------------------------------------------


def install(wheel: Path, env: dict[str, str], *options: object) -> None:
    """Have pip install goq alone with the Python that makes virtual environments."""
    how = ["--quiet", "--no-deps", "--no-index", "--break-system-packages", "--no-warn-script-location"]
    how += ["--root-user-action=ignore"]
    run(sys.executable, "-m", "pip", "--python", BASE, "install", *how, *options, wheel, env=env)


def lend_libraries(folder: Path) -> None:
    """Let goq's libraries, which are not ours to install here, be found from there."""
    lines = [path for path in sys.path if path.endswith("-packages")]
    (folder / "libraries.pth").write_text("\n".join(lines) + "\n")


@pytest.mark.parametrize("base", ["home/.local", "elsewhere"])
def test_goq_of_a_user_site_runs(cluster: Cluster, wheel: Path, base: str) -> None:
    """`pip install --user goq`, and PYTHONUSERBASE, which some sites set for each Python."""
    place = cluster.folder / base
    env = cluster.variables({"PYTHONUSERBASE": str(place) if base == "elsewhere" else None})
    install(wheel, env, "--user")
    lend_libraries(place / LIBRARY / "site-packages")
    strange = strange_modules(cluster.folder / "strange")

    for more in ({}, {"PYTHONPATH": str(strange)}):
        assert "goq " in run(place / "bin" / "goq", "version", env=env | more, cwd=strange)
        assert "Examples" in run(place / "bin" / "goq", "sub", "--help", env=env | more, cwd=strange)


def test_goq_of_a_folder_of_its_own_runs(cluster: Cluster, wheel: Path) -> None:
    """As `module load goq` would have it: installed in a folder that PYTHONPATH names."""
    place = cluster.folder / "goq-module"
    install(wheel, cluster.variables(), "--target", place)
    lend_libraries(place)
    strange = strange_modules(cluster.folder / "strange")
    env = cluster.variables({"PYTHONPATH": f"{strange}:{place}"})

    assert "goq " in run(place / "bin" / "goq", "version", env=env)


def test_a_user_site_that_is_not_goqs_has_no_say(cluster: Cluster) -> None:
    """Old libraries in ~/.local come before those of the system."""
    env = cluster.variables()
    venv = cluster.folder / "venv"
    run(BASE, "-m", "venv", "--without-pip", "--system-site-packages", venv, env=env)
    (venv / LIBRARY / "site-packages" / "goq.pth").write_text(f"{PACKAGE.parent}\n")
    lend_libraries(venv / LIBRARY / "site-packages")
    program = venv / "bin" / "goq"
    lines = (PACKAGE / "__main__.py").read_text().split("\n", 1)
    program.write_text(f"#!{venv}/bin/python\n{lines[1]}")
    program.chmod(0o755)
    users = Path(site.getusersitepackages().replace(str(Path.home()), env["HOME"]))
    users.mkdir(parents=True)
    strange = strange_modules(users / "strange")
    (users / "first.pth").write_text(f"import sys; sys.path.insert(0, {str(strange)!r})\n")

    assert "goq " in run(program, "version", env=env)


def test_a_library_that_is_missing_is_one_line(cluster: Cluster, wheel: Path) -> None:
    """goq's libraries are looked for beside it alone, and whoever has them elsewhere must hear of that."""
    place = cluster.folder / "alone"
    install(wheel, cluster.variables(), "--target", place)
    done = subprocess.run(
        [BASE, "-IS", place / "bin" / "goq", "version"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert 1 == done.returncode
    assert done.stderr.startswith("goq: ")
    assert 1 == done.stderr.count("\n")


def test_ctrl_c_while_goq_is_being_loaded_ends_it_without_a_word(cluster: Cluster) -> None:
    """Most of a command's time is that."""
    shutil.copytree(PACKAGE, cluster.folder / "goq", ignore=shutil.ignore_patterns("__pycache__"))
    (cluster.folder / "click.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n")
    ended = cluster.goq_by([sys.executable, "-I", str(cluster.folder / "goq" / "__main__.py")], "version")

    assert (-signal.SIGINT, b"", b"") == (ended.returncode, ended.stdout, ended.stderr)
