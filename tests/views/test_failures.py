"""What failed of an array, in how many ways, and the command that tries again."""

from goq.core.values.failures import FailureGroup, Failures, Medians, Spread
from goq.core.values.states import JobState
from goq.views.failures import again_words, failure_lines
from goq.views.paper import Paper

GIB = 1 << 30
SCREEN = Paper(80, is_terminal=True)
FAILED = JobState.FAILED
FOLD = Failures(
    *(1, 37, 6449, 3551),
    (
        FailureGroup(
            31,
            FAILED,
            137,
            ((10, 40),),
            "memory",
            items=((6188, 6340),),
            hosts=("n11", "n14", "g21"),
            mem_peak_bytes=2 * GIB,
        ),
        FailureGroup(
            4,
            FAILED,
            1,
            ((50, 53),),
            items=((12, 12), (77, 77)),
            hosts=("n11", "n14"),
            last_words="ValueError: chain A is missing",
        ),
        FailureGroup(
            2,
            JobState.LOST,
            255,
            ((60, 61),),
            items=((6001, 6002),),
            hosts=("g22",),
            problem="lost 5 times: given up",
        ),
    ),
    4211,
)
MEDIANS = Medians(1, 6412, mem_bytes=Spread(0.5 * GIB, 1.1 * GIB, 1.5 * GIB, 1.9 * GIB))


def test_failures_are_grouped_by_how_with_last_words_and_a_way_on() -> None:
    """As the picture has it."""
    assert [
        "4211 fold: 37 of 6,449 that ended have failed, in 3 ways.",
        "",
        "HOW MANY  HOW       WHICH        WHERE        LAST WORDS",
        "      31  ✗ memory  [6188-6340]  n11 n14 ...  used 2.0 of 2 GiB asked",
        "       4  ✗ exit 1  [12,77]      n11 n14      ValueError: chain A is missing",
        "       2  ✗ lost    [6001-6002]  g22          lost 5 times: given up",
        "",
        "The 6,412 done used 1.1 GiB in the median, 1.9 GiB at most. 3,551 are still to end.",
        "again   goq retry 4211 --failed --mem 3G",
    ] == list(failure_lines(FOLD, MEDIANS, "4211 fold", "4211", 2 * GIB, SCREEN))


def test_more_memory_is_offered_only_where_that_was_why() -> None:
    """And where it was asked for at all."""
    others = Failures(1, 4, 9, 0, FOLD.groups[1:])

    assert "goq retry 7 --failed" == again_words(others, GIB, "7")
    assert "goq retry 7 --failed" == again_words(FOLD, 0, "7")
    assert "goq retry 7 --failed --mem 6G" == again_words(FOLD, 4 * GIB, "7")
    assert not again_words(Failures(1, 0, 9, 0), GIB, "7")


def test_what_was_not_enough_is_not_offered_again() -> None:
    """A job that is looked at twice a second may have had far more than it asked for."""
    unseen = FailureGroup(1, FAILED, 137, ((1, 1),), "memory")

    assert "goq retry 7 --failed --mem 3G" == again_words(FOLD, GIB // 2, "7")
    assert "goq retry 7 --failed --mem 768M" == again_words(Failures(1, 1, 1, 0, (unseen,)), GIB // 2, "7")


def test_in_a_pipe_all_of_them_are_named() -> None:
    """However many parts there are."""
    many = FailureGroup(6, FAILED, 3, tuple((n, n) for n in range(1, 12, 2)))
    lines = list(failure_lines(Failures(1, 6, 9, 0, (many,)), None, "7", "7", 0, Paper()))

    assert "7: 6 of 9 that ended have failed, all alike." == lines[0]
    assert "6\texit 3\t1,3,5,7,9,11\t\t" == lines[3]
    assert "again\tgoq retry 7 --failed" == lines[-1]
