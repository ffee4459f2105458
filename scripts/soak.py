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


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3600.0, help="how long to inject faults (3600)")
    parser.add_argument("--seed", type=int, default=None, help="repeat the schedule of a run")
    parser.add_argument("--every", type=float, default=1.5, help="mean seconds between faults (1.5)")
    options = parser.parse_args()
    seed = random.randrange(1_000_000) if options.seed is None else options.seed
    folder = Path(tempfile.mkdtemp(prefix="goq-soak-"))
    print(f"seed {seed}, {options.seconds:g} s, in {folder}", flush=True)
    report = run(folder / "room", seed, options.seconds, options.every)
    print(report.text())
    if report.breaches:
        print(f"kept {folder}")
        return 1
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
