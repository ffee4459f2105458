"""A shepherd that does not act: when it is woken, and when it is ended."""

from goq.adapters.jobs.insistence import (
    LONGEST_S,
    MORE_S,
    NEVER,
    SIGN_S,
    Insistence,
    Step,
    Wanted,
)


def stopped() -> bool:
    return True


def awake() -> bool:
    return False


def test_nothing_is_done_before_something_is_late() -> None:
    """And what is done is never late."""
    insistence = Insistence()
    insistence.want(1, Wanted(10.0))

    assert Step.NOTHING == insistence.step(9.9, stopped)
    assert 10.0 == insistence.due_s
    insistence.done(1)
    assert NEVER == insistence.due_s
    assert Step.NOTHING == insistence.step(99.0, stopped)


def test_the_sooner_of_two_wishes_counts() -> None:
    """A second `kill --now` makes the end come sooner, a second `kill` not later."""
    insistence = Insistence()
    for by_s in (10.0, 5.0, 20.0):
        insistence.want(1, Wanted(by_s))

    assert 5.0 == insistence.due_s


def test_a_stopped_shepherd_is_woken_and_then_ended() -> None:
    """It is given time to give a sign."""
    insistence = Insistence()
    insistence.want(1, Wanted(10.0))

    assert Step.ASK == insistence.step(10.0, stopped)
    assert Step.NOTHING == insistence.step(10.0 + SIGN_S / 2, stopped)
    assert Step.END == insistence.step(10.0 + SIGN_S, stopped)
    assert NEVER == insistence.due_s


def test_a_busy_shepherd_is_given_more_time() -> None:
    """On a machine that swaps; but not for ever."""
    insistence = Insistence()
    insistence.want(1, Wanted(10.0))
    insistence.step(10.0, awake)
    steps = [insistence.step(10.0 + each, awake) for each in range(int(LONGEST_S) + 1)]

    assert [Step.NOTHING] * int(LONGEST_S) == steps[:-1]
    assert Step.END == steps[-1]


def test_a_sign_gives_more_time_and_then_it_is_asked_again() -> None:
    """It sees to it: a process in the kernel ends when that lets it."""
    insistence = Insistence()
    insistence.want(1, Wanted(10.0))
    insistence.step(10.0, stopped)
    insistence.heard(11.0)

    assert 11.0 + MORE_S == insistence.due_s
    assert Step.NOTHING == insistence.step(11.0, awake)
    assert Step.ASK == insistence.step(11.0 + MORE_S, awake)


def test_a_shepherd_that_is_stopped_again_and_again_is_ended() -> None:
    """Each time it is woken it gives its sign, and comes to nothing else."""
    insistence = Insistence()
    insistence.want(1, Wanted(10.0))
    insistence.step(10.0, stopped)
    insistence.heard(10.1)

    assert Step.END is insistence.step(insistence.due_s, stopped)
    assert insistence.due_s == NEVER


def test_who_was_stopped_once_is_asked_again() -> None:
    """It may have much to do since."""
    insistence = Insistence()
    insistence.want(1, Wanted(10.0))
    steps = []
    for how in (stopped, awake, stopped):
        steps.append(insistence.step(insistence.due_s, how))
        insistence.heard(insistence.due_s)
    insistence.done(1)
    insistence.want(2, Wanted(100.0))
    steps.append(insistence.step(100.0, stopped))

    assert [Step.ASK] * 4 == steps


def test_after_the_end_of_what_was_late_everything_is_as_before() -> None:
    """The next wish begins with a question."""
    insistence = Insistence()
    insistence.want(1, Wanted(10.0))
    insistence.step(10.0, stopped)
    insistence.done(1)
    insistence.want(2, Wanted(20.0))

    assert 20.0 == insistence.due_s
    assert Step.ASK == insistence.step(20.0, stopped)


def test_it_is_known_why() -> None:
    """The end that a shepherd was made to have is told of its job."""
    insistence = Insistence()
    insistence.want("time", Wanted(10.0, "its time was up", "time"))

    assert "time" == (insistence.why("time") or Wanted(0.0)).cause
    assert insistence.why("kill") is None
