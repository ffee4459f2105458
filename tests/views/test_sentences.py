"""Why jobs wait, in words: short ones that fit into a table, and whole sentences."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goq.core.values.estimates import Estimate
from goq.core.values.ids import JobId
from goq.core.values.moments import NS
from goq.core.values.reasons import (
    PLACES,
    RANK,
    Again,
    Explained,
    HeldBy,
    Lack,
    LimitMet,
    Machine,
    Reason,
    Sooner,
    Turn,
    Whereabouts,
)
from goq.core.values.room import ENDLESS
from goq.core.values.states import JobState
from goq.views.paper import Paper
from goq.views.reasons import reason_row
from goq.views.sentences import Named, amount, need_words, sentence_of, words_of
from goq.views.why import why_lines

NOW = 1_764_167_530 * NS  # 14:32:10 on Wed 26 Nov 2025, UTC
PAPER = Paper(now_ns=NOW)
SCREEN = Paper(80, is_terminal=True, now_ns=NOW)
SHORT = 28


def one(first: int, end: int = 0) -> tuple[tuple[JobId, JobId], ...]:
    """A range of jobs, or one."""
    return ((JobId(first), JobId(end or first + 1)),)


NEED = (("cpus", 48), ("memory", 400 * 1024))
SAID = [
    (
        Reason("room", need=NEED, lack=Lack("cpus", 48, 20, ("n14",)), hosts=("n14",)),
        Named("14252", "assembly", "cy"),
        "needs 48 cpus; n14 has 20",
        (
            "14252 assembly waits for room: it needs 48 cpus and 400 GiB in one machine. n14 keeps room for it;"
            " 28 more cpus must come free there."
        ),
    ),
    (
        Reason("after", jobs=one(4211, 14211), name="fold", left=3551, total=10_000),
        Named("14251", "merge"),
        "after 4211: 3,551 to end",
        "14251 merge is behind 4211 fold: 3,551 of 10,000 have still to end.",
    ),
    (
        Reason("limit", limit=LimitMet("array:14253", 40, 40, 1)),
        Named("14253", "sweep", "cy", 348),
        "runs 40 at once",
        "14253 sweep: 348 tasks wait, it runs 40 at once, as asked (%40).",
    ),
    (
        Reason("until", NOW + 41_270 * NS),
        Named("14854", "nightly"),
        "not before 02:00",
        "14854 nightly starts at 02:00, in 11h 27m.",
    ),
    (
        Reason("held", hold=HeldBy("cy", NOW - 1090 * NS)),
        Named("14856", "clean"),
        "by cy",
        "14856 clean is held by cy since 14:14.",
    ),
    (
        Reason("nowhere", lack=Lack("gpus", 8, 4, ("g21", "g22"))),
        Named("14855", "tune8"),
        "no machine has 8 gpus",
        "14855 tune8 can run nowhere: it asks 8 gpus, no machine has more than 4 (g21, g22).",
    ),
    (
        Reason("retry", NOW + 250 * NS, again=Again(2, 2, 3, 7)),
        Named("14861", "fetch"),
        "again in 4m 10s, try 3 of 4",
        "14861 fetch tries again in 4m 10s: attempt 2 ended with status 7; 2 of 3 retries are used.",
    ),
    (
        Reason("room", jobs=one(9), owner="ann", lack=Lack("cpus", 1, 0, busy=True, total=176)),
        Named("4211", "fold", "bob"),
        "a free cpu: all are busy",
        "4211 fold waits its turn: all 176 cpus are busy; next is ann.",
    ),
    (
        Reason("room", jobs=one(9), owner="ann", lack=Lack(PLACES, 1, 0, busy=True)),
        Named("10", "", "ann"),
        "a free place: all are busy",
        "10 waits its turn: all places are busy; next is 9.",
    ),
    (
        Reason("room", jobs=one(9), owner="ann", need=NEED, lack=Lack("cpus", 48, 0, ("n14",), busy=True)),
        Named("14252", "", "cy"),
        "needs 48 cpus; n14 has 0",
        "14252 waits for room: it needs 48 cpus and 400 GiB in one machine. n14 has 0 cpus free; next is ann.",
    ),
    (
        Reason("kept", jobs=one(14252), hosts=("n14",)),
        Named("7"),
        "room on n14 is kept for 14252",
        "7 waits its turn: room on n14 is kept for 14252.",
    ),
    (
        Reason("nowhere", lack=Lack("time", ENDLESS, 60)),
        Named("7"),
        "needs a worker without end",
        "7 can run nowhere: it outlived 2 workers, and needs one without an end.",
    ),
    (
        Reason("limit", limit=LimitMet("user:ann", 1, 0, 2)),
        Named("7"),
        "limit user:ann is 1",
        "7 cannot run: the limit of ann's cpus is 1, and it needs 2.",
    ),
    (
        Reason("outputs", owner="ann"),
        Named("7"),
        "no room for ann's outputs",
        "7 waits until there is room for what it writes: the folder for ann's outputs takes none.",
    ),
    (
        Reason("node", hosts=("n13",), trouble="disk swap"),
        Named("7"),
        "n13: disk swap",
        "7 may go to no machine that could run it: n13: disk swap.",
    ),
    (Reason("no_workers"), Named("7"), "no worker is there", "7 waits: no worker is there."),
    (
        Reason("delivery", left=2),
        Named("7"),
        "comes: 2 lines are missing",
        "7 is not all here: 2 lines are missing.",
    ),
]


@pytest.mark.parametrize(("reason", "named", "short", "long"), SAID)
def test_each_reason_has_a_short_form_and_a_sentence(
    reason: Reason, named: Named, short: str, long: str
) -> None:
    assert short == words_of(reason, named, PAPER).short
    assert long == sentence_of(reason, named, PAPER)
    assert len(short) <= SHORT + 1, "the telling words come first; a table cuts the rest"


@pytest.mark.parametrize("code", RANK)
def test_there_are_words_for_every_reason(code: str) -> None:
    """However little is known; also of an older server, or a newer one."""
    words = words_of(Reason(code), Named("7"), PAPER)  # type: ignore[arg-type]

    assert words.short
    assert words.long


@given(
    st.builds(
        Reason,
        st.sampled_from(RANK),
        st.integers(0, 2**62),
        st.just(()) | st.just(one(3)),
        lack=st.none() | st.builds(Lack, st.text(max_size=9), st.integers(0, 2**50), st.integers(0, 2**50)),
        trouble=st.text(max_size=40),
        hosts=st.tuples(st.text(max_size=9)),
    )
)
def test_strangers_words_are_made_printable(reason: Reason) -> None:
    """A machine's complaint must not repaint the screen."""
    job = Explained(JobId(1), "1", "ann", "x", reasons=(reason,))

    assert all(line.replace("\t", "").isprintable() for line in why_lines(job, PAPER))


def test_what_needs_a_person_comes_first() -> None:
    """What nobody can wait for, before what passes by itself; a limit of 0 among it."""
    closed = Reason("limit", limit=LimitMet("all", 0, 0, 1))
    codes = [Reason("room"), Reason("after"), closed, Reason("nowhere"), Reason("held")]

    assert ["held", "nowhere", "limit", "after", "room"] == [
        each.code for each in sorted(codes, key=lambda reason: reason.rank)
    ]


def test_the_proof_is_on_a_screen() -> None:
    """Machines that are alike are one line; the turn; a command that would start it."""
    job = Explained(
        JobId(14252),
        "14252",
        "cy",
        "assembly",
        reasons=(Reason("room", need=NEED, lack=Lack("cpus", 48, 20, ("n14",)), hosts=("n14",)),),
        need=NEED,
        machines=(
            machine("n14", (20, 64), (438, 512), {"cpus": 28}, keeps=JobId(14252)),
            machine("n11", (0, 32), (78, 128), {"cpus": 16, "memory": 272 * 1024}, small=True),
            machine("n12", (0, 32), (78, 128), {"cpus": 16, "memory": 272 * 1024}, small=True),
            machine("n13", (32, 32), (128, 128), {}, drained=True, trouble="disk swap"),
        ),
        turn=Turn(0, 0, 0, 40, fewest=True, rivals=2),
        sooner=(Sooner("cpus", 20, "n14"),),
    )

    assert [
        "14252 assembly waits for room: it needs 48 cpus and 400 GiB in one machine. n14",
        "keeps room for it; 28 more cpus must come free there.",
        "",
        "MACHINE  CPUS FREE    GIB FREE  GPUS  WHAT IS MISSING",
        "n14       20 of 64  438 of 512     0  28 cpus; what frees there is kept for it",
        "n11 n12    0 of 32   78 of 128     0  too small: has 32 cpus, 128 GiB",
        "n13       32 of 32  128 of 128     0  drained: disk swap",
        "",
        "turn    nothing goes before it: priority 0, cy has the fewest cpus (40)",
        "sooner  goq alter 14252 -c 20    would start now on n14",
    ] == list(why_lines(job, SCREEN))
    shown = list(why_lines(job, SCREEN, Estimate(185.0, "n14", 44, 180.0)))
    assert "when    ≈ 3m 05s: 44 jobs run on n14; 9 in 10 of their kind end within 3m" == shown[-2]


def test_when_is_said_of_who_waits_for_others_too() -> None:
    """It is the pace at which those end."""
    reason = Reason("after", jobs=((JobId(4211), JobId(14211)),), left=3551, total=10_000)
    job = Explained(JobId(14251), "14251", "ann", "merge", reasons=(reason,))
    estimate = Estimate(5220.0, behind=JobId(4211), rate_per_s=41 / 60)

    assert ["", "when    ≈ 1h 27m: 4211 ends then, at 41/min"] == list(why_lines(job, SCREEN, estimate))[-2:]
    assert "when\t≈ 1h 27m: 4211 ends then, at 41/min" == list(why_lines(job, PAPER, estimate))[-1]


def machine(
    name: str,
    cpus: tuple[int, int],
    gib: tuple[int, int],
    lacks: dict[str, int],
    *,
    small: bool = False,
    drained: bool = False,
    trouble: str = "",
    keeps: JobId = JobId(0),  # noqa: B008 - a number
) -> Machine:
    """A machine without GPUs."""
    amounts: list[dict[str, int | None]] = [
        {"cpus": each, "memory": 1024 * memory, "gpus": 0} for each, memory in zip(cpus, gib, strict=True)
    ]
    free, holds = amounts
    return Machine(name, 1, holds, free, lacks, small, drained, trouble, keeps)


@pytest.mark.parametrize(
    ("where", "said"),
    [
        (Whereabouts(JobState.RUNNING, "n12", 1, NOW - 60 * NS), "7 runs on n12 since 14:31."),
        (
            Whereabouts(JobState.RUNNING, "n12", 1, NOW - 60 * NS, silent_s=41, left_s=19),
            "7 runs on n12 since 14:31; nothing was heard of its worker for 41s, and in 19s it counts as lost there.",
        ),
        (Whereabouts(JobState.RUNNING, "n12", 3, NOW, killed=15), "7 is being killed on n12, attempt 3."),
        (
            Whereabouts(JobState.FAILED, "n12", 1, NOW - 12 * NS, NOW, status=3),
            "7 ended with exit status 3 after 12s on n12.",
        ),
        (Whereabouts(JobState.SKIPPED, problem="job 6 failed"), "7 was skipped: job 6 failed."),
    ],
)
def test_of_what_waits_no_more_it_is_said_where_it_is(where: Whereabouts, said: str) -> None:
    assert [said] == list(why_lines(Explained(JobId(7), "7", waiting=0, where=where), PAPER))


def test_programs_read_the_same() -> None:
    """With the data beside the words; what is not there is None."""
    reason, named, short, long = SAID[1]
    row = reason_row(reason, named, PAPER)

    assert ("after", short, long, ((4211, 14210),), 3551) == (
        row.code,
        row.short,
        row.text,
        row.jobs,
        row.left,
    )
    assert (None, None, None) == (row.until_at, row.limit, row.machines)


def test_amounts_are_in_their_units() -> None:
    assert "1 cpu" == amount("cpus", 1)
    assert "400 GiB" == amount("memory", 400 * 1024)
    assert "2h 05m" == amount("time", 7500)
    assert "3 matlab" == amount("matlab", 3)
    assert "2 cpus, 1 gpu and 512 MiB" == need_words((("cpus", 2), ("gpus", 1), ("memory", 512)))
