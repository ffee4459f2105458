"""One job or one array, whole: as the pictures have them."""

from typing import Any

import pytest
from msgspec.structs import replace

from goq.core.values.failures import FailureGroup, Failures, Medians, Spread
from goq.core.values.lives import Life
from goq.core.values.shown import Attempt, Counts, Event, JobRow, Needs, OutputFile, SubmissionRow, Used
from goq.core.values.states import JobState
from goq.views.lives import ATTEMPTS, job_lines, set_lines
from goq.views.paper import Paper
from goq.views.use import advice, enough

S, MIB, GIB = 10**9, 1 << 20, 1 << 30
NOW = 1_795_703_530 * S  # 14:32:10
PAPER = Paper(80, is_terminal=True, now_ns=NOW)


def before(hours: float) -> int:
    return NOW - int(hours * 3600 * S)


TRAIN = JobRow(
    14226,
    "bob",
    JobState.RUNNING,
    before(5),
    before(1.8),
    Needs(5, 40 * GIB, 1, time_s=4 * 3600),
    array=14211,
    item=16,
    name="train",
    attempt=2,
    retries=3,
    host="g21",
    gpus=("2",),
    started_at=before(1.8),
    output=OutputFile("out.14226"),
)
LIFE = Life(
    9,
    TRAIN,
    ("python", "train.py", "--seed", "16"),
    "/data/bob/fold",
    "bob@head",
    {"retries": 3},
    (
        Attempt(1, before(3), "w", "g22", ("3",), before(2), "requeued", None, 1, None, "CUDA error"),
        Attempt(2, before(1.8), "w", "g21", ("2",)),
    ),
    output_length=5 * MIB,
    last_lines=("epoch 41/90", "epoch 42/90"),
    waiters=(14251,),
)


def shown(life: Life) -> list[str]:
    return list(job_lines(life, PAPER, "ann"))


def test_a_job_that_runs_is_shown_whole() -> None:
    """The sentence, its attempts, what it may take, and its last words."""
    lines = shown(LIFE)

    assert "14211.16 train  bob  ▸ running for 1h 48m on g21, gpu 2" == lines[0]
    assert ["  python train.py --seed 16", "  in /data/bob/fold, out.14226 (5 MiB, grows)"] == lines[1:3]
    attempts = [line.split() for line in lines if line[:1] in {"1", "2"}][1:]
    assert ["1", "11:32", "12:32", "1h", "g22", "gpu", "3", "✗", "exit", "1:", "CUDA", "error"] == attempts[0]
    assert ["▸", "running;", "2", "of", "3", "retries", "are", "left"] == attempts[1][-8:]
    assert any(line.split()[:3] == ["time", "4h", "1h"] and line.endswith("2h 12m left") for line in lines)
    assert ["last words  (goq logs 14211.16)", "  epoch 41/90", "  epoch 42/90"] == lines[-3:]
    assert "behind it wait  14251" in lines


def test_what_it_uses_is_shown_beside_what_it_asked_for() -> None:
    """On average so far, and now; the most memory, and since when if it has less now."""
    used = Used(4.7 * 6300, 31 * GIB, 28 * GIB, 4.95, before(1.2), before(1.8) + 6300 * S)
    rows = [line.split() for line in shown(replace(LIFE, row=replace(TRAIN, used=used)))]
    cpus, memory = (next(row for row in rows if row[:1] == [name]) for name in ("cpus", "memory"))
    still = replace(used, mem_bytes=31 * GIB)
    now = next(line for line in shown(replace(LIFE, row=replace(TRAIN, used=still))) if "memory" in line)

    assert ["cpus", "5", "4.7"] == cpus[:3]
    assert ["94", "%,", "5.0", "now"] == cpus[-4:]
    assert ["memory", "40", "GiB", "31", "GiB"] == memory[:5]
    assert "most so far, 13:20; 28 GiB now" == " ".join(memory[6:])
    assert now.endswith("most so far")


def test_in_a_pipe_there_are_words_and_numbers_alone() -> None:
    """No sign, and no bar."""
    used = Used(4.7 * 6300, 31 * GIB)
    row = replace(TRAIN, state=JobState.FAILED, status=3, ended_at=NOW, elapsed_s=6480.0, used=used)
    attempts = (replace(LIFE.attempts[1], ended_at=NOW, ending="failed", status=3),)
    lines = list(job_lines(replace(LIFE, row=row, attempts=attempts), Paper(now_ns=NOW), "ann"))

    assert lines[0].startswith("14211.16 train  bob  exit 3 after 1h 48m")
    assert "exit 3" == lines[5].split("\t")[-1]
    assert ["memory", "40 GiB", "31 GiB", "", "77 % at most"] in [line.split("\t") for line in lines]
    assert "".join(lines).isascii()


def test_how_an_attempt_failed_is_said_in_its_own_last_words() -> None:
    """What goq knows of it otherwise; of one that was lost, why."""
    first, second = LIFE.attempts
    wrote = replace(first, last_words="ValueError: chain A", text="exit status 1, retry 1 of 3 in 1 s")
    lost = replace(first, attempt=2, status=None, text="its worker is silent")
    lines = shown(replace(LIFE, attempts=(wrote, lost, replace(second, attempt=3))))

    assert any(line.endswith("exit 1: ValueError: chain A") for line in lines)
    assert any(line.endswith("given up: its worker is silent") for line in lines)


def test_lost_attempts_use_up_no_retry() -> None:
    """Nor do those that were handed back."""
    first, second = LIFE.attempts
    lost = replace(first, attempt=2, status=None, text="worker lost")
    lines = shown(replace(LIFE, attempts=(first, lost, replace(second, attempt=3))))

    assert any(line.endswith("running; 2 of 3 retries are left") for line in lines)


def test_of_a_job_that_waits_what_it_needs_is_shown() -> None:
    """There is no table of what it has used yet."""
    waiting = replace(TRAIN, state=JobState.WAITING, attempt=None, host=None, gpus=None, started_at=None)

    assert "needs   5 cpus, 40 GiB, 1 gpu, at most 4h" in shown(replace(LIFE, row=waiting, attempts=()))
    assert not any(line.startswith("needs") for line in shown(LIFE))


def test_terms_are_told_in_words() -> None:
    asked = {"retries": 3, "backoff_s": 90.0, "keep": True, "requeue": False, "held": True}

    assert "asked   retries 3, backoff 1m 30s, keep yes, requeue no" in shown(replace(LIFE, terms=asked))


def test_what_is_asked_for_is_shown_besides() -> None:
    """Variables and events only when somebody wants them."""
    event = Event(3, "held", before(1), by="ann", text="why")
    lines = shown(replace(LIFE, environment={"A": "1\x1b"}, events=(event,)))

    assert "A=1\\x1b" in lines
    assert any(line.split() == ["13:32:10", "held", "ann", "why"] for line in lines)
    assert not any("A=1" in line for line in shown(LIFE))


def test_of_many_attempts_the_latest_are_shown_and_the_others_counted() -> None:
    """Nothing is cut silently."""
    attempts = tuple(Attempt(number, before(3), host="h") for number in range(1, ATTEMPTS + 4))
    lines = shown(replace(LIFE, attempts=attempts))

    assert any(line.startswith("3 attempts before these:") for line in lines)


@pytest.mark.parametrize(
    ("used", "needs", "told"),
    [
        (
            Used(10.0, int(3.1 * GIB)),
            Needs(1, 40 * GIB),
            ["memory: asked 40 GiB, used 3.1 GiB; --mem 4G would do"],
        ),
        (Used(10.0, 30 * GIB), Needs(1, 40 * GIB), []),
        (Used(10.0), Needs(8), ["cpus: asked 8, used 1.0; -c 2 would do"]),
        (Used(80.0), Needs(8), []),
    ],
)
def test_advice_is_for_what_used_under_half(used: Used, needs: Needs, told: list[str]) -> None:
    """And only when it ended well."""
    row: JobRow = replace(TRAIN, state=JobState.DONE, used=used, needs=needs, elapsed_s=10.0)

    assert told == list(advice(row))
    assert [] == list(advice(replace(row, state=JobState.FAILED)))


def test_enough_is_a_quarter_more() -> None:
    """As people write sizes."""
    assert ["4G", "2G", "125M", "2M"] == [enough(size) for size in (3 * GIB, GIB, 100 * MIB, MIB)]


def test_an_array_is_shown_with_its_failures_and_medians() -> None:
    """How far it is, what failed by how, and what the others took."""
    counts = Counts(waiting=3479, running=72, done=6412, failed=35, lost=2)
    at = before(2.6)
    row = SubmissionRow(
        4211,
        10_000,
        "ann",
        counts.state,
        counts,
        at,
        at,
        ("./fold",),
        "/x",
        Needs(1, 2 * GIB),
        array=True,
        name="fold",
    )
    groups = (
        FailureGroup(
            31,
            JobState.FAILED,
            137,
            ((1, 31),),
            "memory",
            items=((6188, 6340),),
            hosts=("n11", "n12", "n13", "n14"),
        ),
        FailureGroup(
            4,
            JobState.FAILED,
            1,
            ((40, 40),),
            items=((12, 12), (77, 77)),
            hosts=("n11",),
            last_words="chain A",
        ),
        FailureGroup(2, JobState.LOST, 255, ((50, 51),), problem="given up"),
    )
    spread = Spread(1, 105, 200, 300)
    medians = Medians(9, 6412, run_s=spread, mem_bytes=Spread(1, 1.1 * GIB, 1.8 * GIB, 1.9 * GIB))
    lines = list(set_lines(replace(row, left_s=5220), Failures(9, 37, 6449, 3551, groups), medians, PAPER))
    fields = [line.split() for line in lines]

    assert "4211 fold  ann  10,000 tasks: 6,412 done, 37 failed, 72 running, 3,479 waiting" == lines[0]
    assert lines[1].endswith("64 %  ≈ 1h 27m")
    assert len(lines[1]) <= 80
    assert ["31", "✗", "memory", "[6188-6340]", "n11", "n12", "n13", "…"] in fields
    assert ["4", "✗", "exit", "1", "[12,77]", "n11", "chain", "A"] in fields
    assert ["2", "✗", "lost", "[50-51]", "given", "up"] in fields
    assert "memory  1.1 GiB in the median, 1.9 GiB at most; asked 2 GiB" in lines


def test_no_more_is_said_than_is_known() -> None:
    """A job that waits has no attempts, and used nothing."""
    bare: dict[str, Any] = dict.fromkeys(("attempt", "host", "gpus", "started_at", "output"))
    waits = replace(TRAIN, state=JobState.WAITING, **bare)
    lines = shown(
        replace(LIFE, row=waits, attempts=(), last_lines=None, output_length=None, terms={}, waiters=None)
    )

    assert ["", "needs   5 cpus, 40 GiB, 1 gpu, at most 4h"] == lines[3:]
