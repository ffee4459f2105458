"""A program of goq's own beside this one: a Python that runs one of its modules, with a socket for standard input.

It ends when it reads the end of that.
"""

import os
import socket
import subprocess
import sys
from collections.abc import Mapping

from goq.adapters.jobs.link import Link

_END_S = 0.2  # from the end of its link to its own
_BEGIN = """import sys
sys.path[:] = {path!r}
try:
    from {module} import main
except ImportError as error:
    sys.exit(f"goq: {what} is not there any more: {{error}}")
main()"""


def start_companion(
    module: str, what: str, end: socket.socket, environment: Mapping[bytes, bytes]
) -> "subprocess.Popen[bytes]":
    """Run `main` of the module, in a session of its own. Raises OSError when it cannot be started."""
    begin = _BEGIN.format(
        path=[os.path.abspath(each) for each in sys.path], module=module, what=what
    )  # our modules, whatever the environment says
    return subprocess.Popen(
        [sys.executable, "-I", "-c", begin], stdin=end.fileno(), env=environment, start_new_session=True
    )


class Companion:
    """Such a program, and the link to it. Raises OSError when it cannot be started."""

    def __init__(self, module: str, what: str, environment: Mapping[bytes, bytes]) -> None:
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                self._process = start_companion(module, what, theirs, environment)
        except BaseException:
            ours.close()
            raise
        self.link = Link(ours)

    @property
    def pid(self) -> int:
        """Of the process, until `close`."""
        return self._process.pid

    def let_go(self) -> None:
        """Have it end by itself, when it has done what it is at."""
        self.link.close()

    def close(self) -> None:
        """Kill it, whatever it does, and wait for its end."""
        self.link.close()
        self._process.kill()
        self._process.wait()

    def how_it_ended(self) -> str:
        """How it ended by itself, in words, where it has closed the link."""
        try:
            status = self._process.wait(_END_S)
        except subprocess.TimeoutExpired:
            return "closed its end of the link"
        return f"was ended by signal {-status}" if status < 0 else f"ended with exit status {status}"
