"""The floor of a job's start: from before posix_spawn to the first instruction, in milliseconds.

Run as a program with a program that prints the time in nanoseconds, and a count.
"""

import json
import os
import sys
import time


def once(program: str) -> float:
    """Start it once."""
    read, write = os.pipe()
    before_ns = time.time_ns()
    pid = os.posix_spawn(
        program, [program, "+%s%N"], os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, write, 1)]
    )
    os.close(write)
    first_ns = int(os.read(read, 100))
    os.close(read)
    os.waitpid(pid, 0)
    return (first_ns - before_ns) / 1e6


def main() -> None:
    print(json.dumps([once(sys.argv[1]) for _ in range(int(sys.argv[2]))]))


if __name__ == "__main__":
    main()
