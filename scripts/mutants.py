"""Plants faults in goq, one at a time, and demands that the tests of that part catch each.

A test suite that would let a known mistake live is not worth its name. Each fault is an exact
piece of the source and what stands there instead; a piece that is not found exactly once stops
the run, so the list cannot rot. The list is in mistakes/, a file for each room.

    python scripts/mutants.py                         all of them
    python scripts/mutants.py hands                   those in files with that in their name, as roles/
    python scripts/mutants.py --shard 2/4             the second of four parts, for four machines
    python scripts/mutants.py --tenth WORD            a tenth, which one follows from the word
    python scripts/mutants.py --known --tenth WORD    a tenth of those that one test is known to catch: a minute
    python scripts/mutants.py --laws                  those of the laws, each found by its law alone

Which test caught a fault last time is kept in mistakes/killers.json: that one is asked first, and the
whole suite only if it says nothing. `--learn` writes it anew.
"""

import argparse
import ast
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

from mistakes import FAULTS, Fault
from mistakes.laws import LAWS

ROOT = Path(__file__).resolve().parent.parent
KILLERS = ROOT / "scripts" / "mistakes" / "killers.json"  # by file and name of the fault
AT_ONCE = max(2, os.cpu_count() or 2)
PATIENCE_S = 120.0  # at the least; a fault may make tests hang
LONGEST_S = 1200.0  # without a fault
SLOWER = 4  # times as long as without a fault: no test is as slow as that without a reason

SERVER = ["core/test_[!w]*.py", "core/test_waiting.py"]  # the half that the other machine does not need
STORE = [
    "adapters/test_journal.py",
    "adapters/test_store.py",
    "adapters/test_journal_clean.py",
    "adapters/test_journal_replay.py",
    "adapters/test_journal_audit.py",
]
API = ("desk", "events", "naming", "options", "talks", "spoken", "submitting", "jobs", "client")
API_TESTS = ["api/test_talks.py", "api/test_client.py", "api/test_events.py"]
# What must catch a fault, by the beginning of its file's name.
SUITES = {
    **{f"core/{floor}/": SERVER for floor in ("values", "messages", "waits", "state", "board", "dispatch")},
    **{
        f"core/{name}.py": ["core/test_rights.py"]
        for name in ("values/rights", "values/who", "dispatch/guard", "dispatch/keys", "dispatch/veil")
    },
    "core/worker/": ["core/test_worker_*.py"],
    "views/": ["views/test_*.py"],
    "top/": ["top/test_*.py"],
    "roles/client/calls.py": ["roles/test_calls.py", "roles/test_silence.py", "roles/test_contact.py"],
    "roles/client/contact.py": ["roles/test_contact.py"],
    "roles/client/line.py": ["api/test_line.py", "api/test_client.py", "api/test_events.py"],
    "roles/reader/telling.py": ["roles/test_telling.py"],
    "adapters/files/told.py": ["roles/test_telling.py"],
    "adapters/store/queries_events.py": ["adapters/test_happenings.py"],
    **dict.fromkeys([f"api/{name}.py" for name in API], API_TESTS),
    "commands/completing.py": ["commands/test_completing.py"],
    "commands/shells.py": ["commands/test_completing.py"],
    "commands/manual.py": ["commands/test_manual.py"],
    "commands/overview.py": ["commands/test_suggestions.py"],
    "commands/paper.py": ["commands/test_paper.py"],
    "commands/suggestions.py": ["commands/test_suggestions.py"],
    "api/place.py": ["commands/test_place.py"],
    "commands/scripts.py": ["commands/test_scripts.py"],
    "api/logs.py": ["roles/test_reading_on.py"],
    "core/values/moments.py": ["core/test_moments.py", "views/test_clocks.py"],
    "views/machines.py": ["views/test_*.py", "top/test_machines.py"],
    "views/harmless.py": ["views/test_harmless.py"],
    "views/prefixed.py": ["views/test_prefixed.py"],
    "api/variables.py": ["api/test_variables.py"],
    "adapters/certificate.py": [
        "adapters/test_certificates.py",
        "adapters/test_config.py",
        "adapters/test_token.py",
    ],
    "adapters/installing.py": ["adapters/test_installing.py"],
    "adapters/joining.py": ["adapters/test_joining.py"],
    "adapters/token.py": ["adapters/test_token.py"],
    "adapters/config.py": ["adapters/test_remembered.py", "adapters/test_config.py"],
    "adapters/settings.py": ["adapters/test_settings.py"],
    "adapters/kept.py": ["adapters/test_kept.py"],
    "adapters/network.py": ["adapters/test_network.py"],
    "adapters/remembered.py": ["adapters/test_remembered.py"],
    "adapters/wire/codec": ["adapters/test_codec.py", "adapters/test_codec_bounds.py"],
    "adapters/wire/keys.py": ["adapters/test_keys.py"],
    "adapters/wire/handshakes.py": ["adapters/test_handshakes.py"],
    "adapters/wire/peers.py": ["adapters/test_peers.py", "adapters/test_transport_strangers.py"],
    "adapters/wire/places.py": ["adapters/test_places.py"],
    "adapters/wire/lookout.py": ["adapters/test_lookout.py"],
    "adapters/wire/unsent.py": ["adapters/test_transport.py"],
    "adapters/wire/transport": ["adapters/test_transport.py", "adapters/test_lookout.py"],
    "adapters/wire/signing.py": ["adapters/test_signing.py", "adapters/test_keys.py"],
    "adapters/wire/zjob": ["adapters/test_codec.py", "adapters/test_codec_bounds.py"],
    "adapters/store/blobs.py": ["adapters/test_store.py", "adapters/test_journal_replay.py"],
    "adapters/store/gone.py": ["adapters/test_store.py"],
    "adapters/store/laws_behind.py": ["adapters/test_audit_behind.py"],
    "adapters/store/laws_grants.py": ["adapters/test_audit_grants.py"],
    "adapters/store/clean.py": ["adapters/test_journal_clean.py", "adapters/test_store.py"],
    **dict.fromkeys(
        ("adapters/store/journal.py", "adapters/store/rows", "adapters/store/statements.py"), STORE
    ),
    "adapters/store/output": ["adapters/test_store.py"],
    "adapters/store/queries_failures.py": ["roles/test_reader_words.py"],
    "adapters/store/queries_lives.py": ["roles/test_reader_words.py"],
    "adapters/store/queries_totals.py": ["adapters/test_totals.py"],
    "adapters/store/queries_flows.py": ["adapters/test_flows.py"],
    "core/values/flows.py": ["adapters/test_flows.py"],
    **{
        f"adapters/store/queries_{room}.py": ["adapters/test_pages.py"]
        for room in ("meant", "pages", "job_pages", "jobs", "submissions")
    },
    "roles/reader/words.py": ["roles/test_reader_words.py"],
    "adapters/files/spool": ["adapters/test_spool.py", "adapters/test_spoolroom.py"],
    "adapters/files/locks.py": ["adapters/test_locks.py"],
    "adapters/files/log.py": ["adapters/test_log.py", "roles/test_narration.py"],
    "adapters/files/outbox.py": ["adapters/test_outbox.py"],
    "adapters/files/outputs.py": ["adapters/test_outputs.py", "adapters/test_named.py"],
    "adapters/files/streams.py": ["adapters/test_outputs.py", "adapters/test_named.py"],
    "adapters/files/named.py": ["adapters/test_named.py"],
    "adapters/files/below.py": ["adapters/test_below.py", "adapters/test_rights.py"],
    "adapters/files/rights.py": ["adapters/test_rights.py"],
    "adapters/jobs/appending.py": ["adapters/test_appending.py"],
    "adapters/accounts.py": ["adapters/test_owners.py"],
    "adapters/jobs/accounts.py": ["adapters/test_owners.py"],
    "adapters/jobs/owners.py": ["adapters/test_owners.py"],
    "adapters/jobs/starting.py": ["adapters/test_owners.py", "adapters/test_job_output.py"],
    "adapters/files/pieces.py": ["adapters/test_pieces.py"],
    "adapters/machine.py": ["adapters/test_machine.py"],
    "adapters/store/queries_squares.py": ["adapters/test_squares.py"],
    "adapters/files/tickets.py": ["web/test_sessions.py"],
    "web/connection.py": ["web/test_connection.py"],
    "web/guard.py": ["web/test_guard.py"],
    "web/metrics.py": ["web/test_metrics.py"],
    "web/sessions.py": ["web/test_sessions.py", "web/test_strangers.py"],
    "web/lately.py": ["web/test_lately.py"],
    "web/spreads.py": ["web/test_spreads.py"],
    "views/report.py": ["web/test_lately.py", "views/test_report.py"],
    "web/site.py": ["web/test_ways.py"],
    "web/used.py": ["web/test_used.py"],
    "roles/said/": ["roles/test_narration.py", "roles/test_wakeup.py"],
    "roles/server/backlog.py": ["roles/test_backlog.py"],
    "roles/server/clock.py": ["roles/test_clock.py"],
    "roles/server/doors.py": ["roles/test_doors.py"],
    "roles/server/files.py": ["roles/test_server_output.py", "roles/test_server_named.py"],
    "roles/server/reception.py": ["roles/test_server_output.py", "roles/test_server_turn.py"],
    "roles/server/loop.py": ["roles/test_server_output.py", "roles/test_server_turn.py"],
    "roles/server/unwritten.py": ["roles/test_unwritten.py"],
    "roles/server/owners.py": ["roles/test_server_named.py"],
    "roles/server/reader.py": ["roles/test_reader.py"],
    "roles/reader/logs.py": ["roles/test_reader_logs.py"],
    "adapters/store/queries_logs.py": ["roles/test_reader_logs.py"],
    "core/values/logs.py": ["core/test_followers.py", "roles/test_reader_logs.py"],
    "roles/server/standing.py": ["roles/test_standing.py"],
    "roles/worker/delivery.py": ["roles/test_delivery.py", "roles/test_delivery_apart.py"],
    "roles/worker/places.py": ["roles/test_places.py", "roles/test_larder.py"],
    "roles/worker/larder.py": ["roles/test_larder.py"],
    "roles/worker/flow.py": ["roles/test_delivery.py", "roles/test_delivery_apart.py"],
    "roles/worker/heir.py": ["roles/test_heir.py"],
    "adapters/jobs/use.py": ["adapters/test_use.py"],
    "adapters/jobs/bounds.py": ["adapters/test_bounds.py", "adapters/test_stopping.py"],
    "adapters/jobs/cgroup_memory.py": ["adapters/test_cgroup_memory.py"],
    "adapters/jobs/checks.py": ["adapters/test_checks.py"],
    "roles/worker/checkup.py": ["roles/test_checkup.py"],
    "adapters/jobs/chores.py": ["adapters/test_chores.py"],
    "adapters/jobs/running.py": [
        "adapters/test_bounds.py",
        "adapters/test_job_output.py",
        "adapters/test_use.py",
    ],
    "adapters/jobs/reaper.py": ["adapters/test_executor.py", "adapters/test_use.py"],
    "adapters/jobs/drain.py": ["adapters/test_drain.py"],
    "adapters/jobs/executor.py": [
        "adapters/test_chores.py",
        "adapters/test_bounds.py",
        "adapters/test_shepherd.py",
        "adapters/test_cgroups.py",
        "adapters/test_job_output.py",
        "adapters/test_use.py",
    ],
    "adapters/jobs/insistence.py": ["adapters/test_insistence.py"],
    "adapters/jobs/companion.py": ["adapters/test_launcher.py", "roles/test_reader.py"],
    "adapters/jobs/launcher.py": ["adapters/test_launcher.py", "adapters/test_executor.py"],
    "adapters/jobs/link.py": ["adapters/test_link.py"],
    "adapters/jobs/mark.py": ["adapters/test_shepherd.py", "adapters/test_use.py"],
    "adapters/jobs/mounts.py": ["adapters/test_mounts.py"],
    "adapters/jobs/processes.py": [
        "adapters/test_processes.py",
        "adapters/test_launcher.py",
        "adapters/test_executor.py",
    ],
    "adapters/files/temporary.py": ["adapters/test_spool.py", "adapters/test_temporary.py"],
    "adapters/files/trees.py": ["adapters/test_trees.py"],
    "adapters/jobs/scratch.py": ["adapters/test_scratch.py"],
    "adapters/jobs/shepherd.py": [
        "adapters/test_job_output.py",
        "adapters/test_executor.py",
        "adapters/test_shepherd.py",
        "adapters/test_bounds.py",
        "adapters/test_chores.py",
        "adapters/test_owners.py",
    ],
    "adapters/jobs/spawning.py": [
        "adapters/test_spawning.py",
        "adapters/test_executor.py",
        "adapters/test_job_output.py",
    ],
    "adapters/jobs/stopping.py": ["adapters/test_stopping.py"],
    "adapters/jobs/template.py": [
        "adapters/test_launcher.py",
        "adapters/test_job_output.py",
        "adapters/test_executor.py",
    ],
}


def suite_of(fault: Fault) -> list[str]:
    """The tests that must catch it."""
    suite = SUITES[max(filter(fault.file.startswith, SUITES), key=len)]  # a file may have one of its own
    paths = [path for name in suite for path in sorted((ROOT / "tests").glob(name))]
    # The long histories last: most faults are caught without them, much sooner. First what bears the file's name.
    stem = Path(fault.file).stem
    paths.sort(key=lambda path: (path.name.endswith("_machine.py"), stem not in path.name))
    return [str(path.relative_to(ROOT)) for path in paths]


def check(fault: Fault) -> None:
    """Stop if the fault does not fit the source any more, or is none: what cannot be read nobody needs to catch."""
    source = (ROOT / "goq" / fault.file).read_text(encoding="utf-8")
    count = source.count(fault.old)
    if count != 1:
        sys.exit(f"mutants: {fault.name!r}: found {count} times in goq/{fault.file}, not once; mend the list")
    try:
        ast.parse(source.replace(fault.old, fault.new))
    except SyntaxError as error:
        sys.exit(f"mutants: {fault.name!r}: goq/{fault.file} would be no Python: {error}; mend the list")


def copy_to(folder: Path) -> None:
    """What the tests need, to be changed."""
    ignore = shutil.ignore_patterns("__pycache__", ".hypothesis")
    for name in ("goq", "schema", "tests"):
        shutil.copytree(ROOT / name, folder / name, ignore=ignore)


def plant(fault: Fault, folder: Path) -> None:
    """Make the mistake in the copy."""
    path = folder / "goq" / fault.file
    path.write_text(path.read_text(encoding="utf-8").replace(fault.old, fault.new), encoding="utf-8")


class Unrunnable(Exception):
    """Pytest could not run the tests at all; the words are its own."""


def at_work(output: bytes | None) -> str:
    """The test that was running when pytest was stopped, by what it had printed until then."""
    lines = (output or b"").decode(errors="replace").rstrip().splitlines()
    return lines[-1].split(" ")[0] if lines and "::" in lines[-1] else ""


def run_tests(folder: Path, selection: list[str], patience_s: float, laws: str = "") -> tuple[bool, str]:
    """Whether the tests pass on the copy, in that time, and the first that does not; of the laws these alone count."""
    command = [sys.executable, "-m", "pytest", "-x", "-v", "-p", "no:cacheprovider", *selection]
    environment = os.environ | {
        "PYTHONPATH": str(folder),
        "PYTHONDONTWRITEBYTECODE": "1",
        "GOQ_HYPOTHESIS_PROFILE": "mutants",
        "GOQ_LAWS": laws,
    }
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=patience_s,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        return False, at_work(late.stdout)
    failed = re.search(r"^(?:FAILED|ERROR) (\S+)", done.stdout, re.MULTILINE)
    if done.returncode not in (0, 1) or (done.returncode == 1 and failed is None):
        raise Unrunnable(done.stdout + done.stderr)
    return done.returncode == 0, failed[1] if failed else ""


def try_copy(
    fault: Fault | None, selection: list[str], patience_s: float, laws: str = ""
) -> tuple[bool, str]:
    """Run the tests on a fresh copy, with the fault planted in it if there is one."""
    with tempfile.TemporaryDirectory(prefix="goq-mutant-") as name:
        folder = Path(name)
        copy_to(folder)
        if fault:
            plant(fault, folder)
        return run_tests(folder, selection, patience_s, laws)


@cache
def usual_s(suite: tuple[str, ...]) -> float:
    """How long the tests take without a fault; stop if they fail."""
    began = time.monotonic()
    passed, failed = try_copy(None, list(suite), LONGEST_S)
    if not passed:
        sys.exit(f"mutants: the tests fail without any fault: {failed}")
    return time.monotonic() - began


def place_of(fault: Fault) -> str:
    """What it is called among all of them."""
    return f"{fault.file}: {fault.name}"


def asked_first(fault: Fault, killer: str) -> bool:
    """Whether the test that caught it last time catches it again; False if there is no such test any more."""
    try:
        survived, _ = try_copy(fault, [killer], PATIENCE_S)
    except Unrunnable:
        return False
    return not survived


def report(fault: Fault, killers: dict[str, str]) -> bool:
    """Try one fault, print its line, remember its killer, and say whether it was caught."""
    began, place = time.monotonic(), place_of(fault)
    found, survived = killers.get(place, ""), False
    if not (found and asked_first(fault, found)):
        suite = suite_of(fault)
        survived, found = try_copy(fault, suite, max(PATIENCE_S, SLOWER * usual_s(tuple(suite))))
        killers[place] = found.partition("[")[0]  # all cases of that test: the names of cases are odd
    fate = "SURVIVED" if survived else f"killed by {found or 'the clock'}"
    print(f"{fault.name}: {fate}, {time.monotonic() - began:.0f} s", flush=True)
    return not survived


def known_killers() -> dict[str, str]:
    """Which test caught each fault last time, by where that is; without tests that are no more."""
    known: dict[str, str] = json.loads(KILLERS.read_text(encoding="utf-8"))
    return {place: killer for place, killer in known.items() if exists(killer)}


def exists(killer: str) -> bool:
    """There is a test of that name in its file yet."""
    file, _, name = killer.partition("::")
    path = ROOT / file
    return path.is_file() and name.split("::")[0] in path.read_text(encoding="utf-8")


def keep(killers: dict[str, str]) -> None:
    """Write down which test caught which fault, of those that there are."""
    known = {place: killers[place] for place in map(place_of, FAULTS) if killers.get(place)}
    KILLERS.write_text(json.dumps(known, indent=0, sort_keys=True) + "\n", encoding="utf-8")


def report_law(number: int) -> bool:
    """Plant the mistake of a law, let that law alone look for it, and say whether it was found."""
    sought = LAWS[number]
    (fault,) = (fault for fault in FAULTS if fault.name == sought.mistake)
    survived, _ = try_copy(fault, [sought.tests], LONGEST_S, str(number))
    print(f"law {number}: {fault.name}: {'SURVIVED' if survived else 'found'}", flush=True)
    return not survived


def chosen(asked: argparse.Namespace) -> list[Fault]:
    """The faults that are asked for, those of one shard far apart in the list."""
    faults = [fault for fault in FAULTS if asked.part in fault.file]
    if asked.known:
        killers = known_killers()
        faults = [fault for fault in faults if "::test_" in killers.get(place_of(fault), "")]
    if asked.tenth is not None:
        faults = random.Random(asked.tenth).sample(faults, -(-len(faults) // 10))
    number, count = asked.shard
    return faults[number - 1 :: count]


def a_shard(text: str) -> tuple[int, int]:
    """K/N: the part with number K of N."""
    number, count = map(int, text.split("/"))
    if not 1 <= number <= count:
        raise ValueError(text)
    return number, count


def options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="mutants", description="Plant faults, and see that tests catch each."
    )
    parser.add_argument(
        "part", nargs="?", default="", help="of the names of the files, such as hands or roles/"
    )
    parser.add_argument("--shard", type=a_shard, default=(1, 1), metavar="K/N", help="part K of N")
    parser.add_argument("--tenth", metavar="WORD", help="a tenth of them; which one follows from the word")
    parser.add_argument(
        "--known", action="store_true", help="those that one test is known to catch by itself"
    )
    parser.add_argument("--learn", action="store_true", help="keep which test caught which fault")
    parser.add_argument("--laws", action="store_true", help="those of the laws, each by its law alone")
    return parser.parse_args()


def main() -> int:
    """Try the faults that are asked for; 0 if each was caught."""
    for fault in FAULTS:
        check(fault)
    asked = options()
    if asked.laws:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return 0 if all(list(pool.map(report_law, LAWS))) else 1
    faults = chosen(asked)
    killers = known_killers()
    first = tuple(sorted({killers[place] for place in map(place_of, faults) if place in killers}))
    if first:
        usual_s(first)  # a test that fails anyway would kill whatever it is asked
    with ThreadPoolExecutor(AT_ONCE) as pool:
        try:
            killed = sum(pool.map(report, faults, [killers] * len(faults)))
        finally:
            if asked.learn:
                keep(killers)
    print(f"{killed} of {len(faults)} faults killed")
    return 0 if killed == len(faults) else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Unrunnable as error:
        sys.exit(f"mutants: pytest could not run the tests:\n{error}")
