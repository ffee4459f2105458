"""The ceiling of every job queue: two processes that start /bin/true and wait for it, and nothing else.

Run as a program with a count: prints how many each second both together have started and waited
for, and how many microseconds of processor time each has cost.
"""

import json
import os
import sys
import time

PROCESSES = 2


def spawn(count: int) -> None:
    """Start it so many times, one after the other."""
    for _ in range(count):
        os.waitpid(os.posix_spawn("/bin/true", ["true"], os.environ), 0)


def main() -> None:
    each = int(sys.argv[1]) // PROCESSES
    started = time.monotonic()
    for _ in range(PROCESSES):
        if os.fork() == 0:
            spawn(each)
            os._exit(0)
    for _ in range(PROCESSES):
        os.wait()
    taken_s, times = time.monotonic() - started, os.times()
    used_s = times.children_user + times.children_system
    print(json.dumps({"spawn": PROCESSES * each / taken_s, "spawn_us": used_s / (PROCESSES * each) * 1e6}))


if __name__ == "__main__":
    main()
