"""`make soak`: random faults against a real cluster for as long as you like, and a verdict.

Exit 0 only if no promise was broken. A run that broke one keeps its folder.
"""

import argparse
import random
import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from faults.driver import run
from faults.enclosure import enter
from faults.explain import explain
from faults.profiles import FOREVER_S, Profile, mixed, server_kills


def main() -> int:
    options = _options()
    if options.explain:
        room, job = options.explain
        try:
            print(explain(Path(room), int(job)))
        except LookupError as error:
            sys.exit(f"soak: {error}")
        return 0
    seed = random.randrange(1_000_000) if options.seed is None else options.seed
    profile = _profile(options)
    folder = Path(tempfile.mkdtemp(prefix="goq-soak-"))
    print(f"{profile.name}, seed {seed}, in {folder}", flush=True)
    report = run(folder / "room", seed, profile)
    print(report.text())
    if options.report:
        shutil.copy(folder / "room" / "report.json", options.report)
    if report.breaches:
        print(f"kept {folder}")
        return 1
    shutil.rmtree(folder)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profile", choices=("mixed", "server-kills"), default="mixed")
    parser.add_argument("--seconds", type=float, help="how long to inject faults (mixed: 600)")
    parser.add_argument("--count", type=int, help="how many faults to inject at most (server-kills: 500)")
    parser.add_argument("--seed", type=int, help="repeat the schedule of a run")
    parser.add_argument("--every", type=float, default=1.8, help="mixed: mean seconds between faults (1.8)")
    parser.add_argument(
        "--explain",
        nargs=2,
        metavar=("ROOM", "JOB"),
        help="no run: what came to that job in a room that was kept",
    )
    parser.add_argument("--report", type=Path, help="copy the report there, as JSON")
    return parser.parse_args()


def _profile(options: argparse.Namespace) -> Profile:
    if options.profile == "server-kills":
        return server_kills(options.seconds or FOREVER_S, options.count or 500)
    return mixed(options.seconds or 600.0, options.count or float("inf"), options.every)


if __name__ == "__main__":
    enter()
    sys.exit(main())
