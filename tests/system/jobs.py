"""Commands that the tests submit."""

import os
from pathlib import Path

JOB_MARK = "OF_JOB"


def shell(script: str, *arguments: object) -> tuple[str, ...]:
    """A script for bash, with its arguments as $1, $2, ..."""
    return ("bash", "-c", script, "job", *map(str, arguments))


def held_until(gate: Path, then: str = "") -> tuple[str, ...]:
    """A job that runs until the file is there, and then does something; the file is $1."""
    return shell(f'until test -e "$1"; do sleep 0.02; done; {then or ":"}', gate)


def script(path: Path, *lines: str, mode: int = 0o755) -> Path:
    """Write an executable script."""
    path.write_text("\n".join(lines) + "\n")
    path.chmod(mode)
    return path


def tree(ready: Path) -> tuple[str, ...]:
    """A job with three levels of children; one of them leaves its session and its parent.

    The file is there once all of them are.
    """
    return shell(
        """
        bash -c 'bash -c "sleep 300 & sleep 300 & wait" & sleep 300 & wait' &
        setsid bash -c '(setsid bash -c "touch $1; exec sleep 300" &); exec sleep 300' deep "$1.daemon" &
        until test -e "$1.daemon"; do sleep 0.02; done
        touch "$1"
        wait
        """,
        ready,
    )


def lines_of(*commands: tuple[str, ...]) -> list[str]:
    """The commands as the lines of a `lines@` file."""
    return [" ".join("'" + word.replace("'", "'\\''") + "'" for word in command) for command in commands]


def touch(path: Path) -> None:
    """Make the file that a held job looks for."""
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT))
