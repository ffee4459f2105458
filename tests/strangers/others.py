"""The other processes of a hostile day: strangers who flood or crowd a server, honest clients."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from system.cluster import Cluster

TESTS = str(Path(__file__).resolve().parent.parent)


class Other:
    """One of the programs in this folder, in a process of its own, until `end` or the end of a block."""

    def __init__(
        self, cluster: Cluster, program: str, *words: object, env: Mapping[str, str | None] | None = None
    ) -> None:
        argv = [sys.executable, "-m", f"strangers.{program}", *(str(word) for word in words)]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(
            argv,
            stdin=pipe,
            stdout=pipe,
            env=cluster.variables({**(env or {}), "PYTHONPATH": TESTS}),
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.communicate()

    def line(self) -> str:
        """The next line that it says; waits for it."""
        assert self._process.stdout is not None
        return self._process.stdout.readline()

    def told(self) -> Any:
        """What it tells at its end, which comes by itself."""
        return self._last(self._process.communicate()[0])

    def end(self) -> Any:
        """Let it end, and give what it tells."""
        return self._last(self._process.communicate("", timeout=60)[0])

    def _last(self, said: str) -> Any:
        assert self._process.returncode == 0, f"exit {self._process.returncode}: {said}"
        lines = said.splitlines()
        return json.loads(lines[-1]) if lines else None
