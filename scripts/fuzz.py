"""`make fuzz`: bytes against the codec, and dialogues of one and of several people against the dispatcher, guided by coverage.

    python scripts/fuzz.py frame|dialogue|people [libFuzzer options]

What is found interesting is kept in .fuzz/, to go on from the next time. An input that breaks a
promise goes to tests/data/fuzz/, where the test suite tries it again for ever; so does one that
takes longer than 10 s. Exit 0 only if there was none.
"""

import os
import random
import sys
from pathlib import Path

import atheris

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "core")]

with atheris.instrument_imports(include=["goq"]):
    from fuzzing.beginnings import BEGINNINGS
    from fuzzing.everything import TARGETS
    from fuzzing.mutator import MUTATORS

LIMITS = ["-timeout=10", "-rss_limit_mb=1024", "-max_len=8192", "-print_final_stats=1"]


def main() -> None:
    target, options = sys.argv[1], sys.argv[2:]
    found, kept = ROOT / ".fuzz" / target, ROOT / "tests" / "data" / "fuzz" / target
    found.mkdir(parents=True, exist_ok=True)
    for name, data in BEGINNINGS[target].items():
        (found / f"begin-{name.replace(' ', '-')}").write_bytes(data)
    bend = MUTATORS[target]

    def mutate(data: bytes, size: int, seed: int) -> bytes:
        return bend(data, size, random.Random(seed), atheris.Mutate)

    arguments = [sys.argv[0], *LIMITS, f"-artifact_prefix={kept}{os.sep}", *options, str(found), str(kept)]
    atheris.Setup(arguments, TARGETS[target], custom_mutator=mutate)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
