"""Show goq at work: a server, two workers, three jobs, their output, a clean end. `make run`.

Everything happens on 127.0.0.1, in the folder demo/, which is made anew each time.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

DEMO = Path(__file__).resolve().parent.parent / "demo"
GOQ = Path(sys.executable).with_name("goq")
DEADLINE_S = 20.0
JOB = 'for step in 1 2 3; do echo "step $step on $(hostname)"; sleep 0.2; done'


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment() -> dict[str, str]:
    ours = {name: value for name, value in os.environ.items() if not name.startswith("GOQ_")}
    settings = {
        "GOQ_HOME": str(DEMO / "home"),
        "GOQ_SPOOL": str(DEMO / "spool"),
        "GOQ_JSERV_IP": "127.0.0.1",
        "GOQ_JSERV_PORT": str(free_port()),
    }
    return ours | settings


def show(text: str) -> None:
    print(text, flush=True)


def start(words: list[str], env: dict[str, str], log: str) -> "subprocess.Popen[bytes]":
    show(f"$ goq {' '.join(words)} > demo/{log} &")
    with (DEMO / log).open("wb") as file:
        return subprocess.Popen([GOQ, *words], cwd=DEMO, env=env, stdout=file, stderr=subprocess.STDOUT)


def call(words: list[str], env: dict[str, str]) -> int:
    shown = " ".join(f"'{word}'" if " " in word else word for word in words)
    show(f"$ goq {shown}")
    return subprocess.run([GOQ, *words], cwd=DEMO, env=env, check=False).returncode


def wait_for_server(server: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + DEADLINE_S
    while b"listening" not in (DEMO / "server.log").read_bytes():
        if server.poll() is not None or time.monotonic() > deadline:
            raise SystemExit((DEMO / "server.log").read_text())
        time.sleep(0.02)


def run_jobs(env: dict[str, str]) -> bool:
    call(["sub", "bash", "-c", JOB], env)
    call(["sub", "uname", "-sm"], env)
    call(["sub", "bash", "-c", "echo I fail on purpose; exit 3"], env)
    statuses = [call(["wait", job], env) for job in ("1", "2", "3")]
    call(["stat"], env)
    for job in (1, 2, 3):
        output = DEMO / "o" / f"out.{job:05d}"
        show(f"$ cat demo/o/{output.name}\n{output.read_text()}".rstrip())
    return statuses == [0, 0, 3]


def main() -> None:
    shutil.rmtree(DEMO, ignore_errors=True)
    DEMO.mkdir()
    env = environment()
    started = time.monotonic()
    server = start(["serve"], env, "server.log")
    workers = []
    try:
        wait_for_server(server)
        workers = [start(["work", "forever"], env, f"worker{number}.log") for number in (1, 2)]
        well = run_jobs(env)
        call(["immolateworkers"], env)
        call(["shutdown"], env)
        codes = [process.wait(DEADLINE_S) for process in (server, *workers)]
    finally:
        for process in (server, *workers):
            process.kill()
    if not well or any(codes):
        raise SystemExit("something went wrong; see the logs in demo/")
    show(
        f"All well, in {time.monotonic() - started:.1f} s. Server log, worker logs and outputs are in demo/."
    )


if __name__ == "__main__":
    main()
