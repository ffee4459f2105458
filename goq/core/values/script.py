"""How a script is run: by what its first line names, as the system would, or by bash. Pure."""

from goq.core.values.ids import Argv, join_argv, split_argv

FIRST_LINE_BYTES = 4096  # no system reads as much of it
_DEFAULT_INTERPRETER = [b"bash"]


def command_for(argv: Argv, script: bytes, path: bytes) -> Argv:
    """The command that runs the script that begins so, which is at that path, with the arguments of this one.

    The interpreter is named, and so need not be executable what is on a file system that forbids it.
    """
    return join_argv([*_interpreter(script), path, *split_argv(argv)[1:]])


def _interpreter(script: bytes) -> list[bytes]:
    """The program, and its one argument if it has any. Source: execve(2)."""
    line = script.partition(b"\n")[0]
    if not line.startswith(b"#!"):
        return _DEFAULT_INTERPRETER
    return line[2:].strip().split(None, 1) or _DEFAULT_INTERPRETER
