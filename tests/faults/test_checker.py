"""Which overlaps the checker excuses: those of a worker that the driver itself had cut off, and no others."""

import time
from pathlib import Path

import pytest

from faults import checker
from faults.checker import Checker, Known, Token, Verdict, Window
from faults.stops import Stops

S = 1_000_000_000
BEGAN_NS = 1_700_000_000 * S  # when the machine was started: second 0 of what follows
PID, OTHER = 100, 101
CUT = (10.0, 13.0)  # the worker of attempt 1 is cut off
GIVEN_UP = 12.5  # its lease is over


class Case:
    """One job: attempt 1 is given up, and attempt 2 finds it alive."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.windows = [window(PID, *CUT)]
        self.stops = Stops()
        self.job = Known(7, "finished", 2, crashes=1, status=0, problem="", pids={1: PID, 2: OTHER})
        self.give_up(GIVEN_UP)
        self._folder = folder
        monkeypatch.setattr(checker, "read_journal", lambda _path: {"token": [self.job]})
        (folder / "o").mkdir()
        (folder / "o" / "out.00007").write_text("out token\n")

    def give_up(self, at_s: float, reason: str = "worker lost") -> None:
        self.job.requeues[1] = (reason, BEGAN_NS + int(at_s * S))

    def stop_server(self, from_s: float, to_s: float) -> None:
        self.stops = Stops([(BEGAN_NS + int(from_s * S), BEGAN_NS + int(to_s * S))])

    def verdict(self, first_ended_s: float | None = None, *more: str) -> Verdict:
        lines = ["start 1 4001 9.00 7 node1 ", "start 2 4002 12.60 7 node2 ", "overlap 2 1"]
        lines += [f"end 1 4001 {first_ended_s:.2f} 7"] if first_ended_s else []
        lines += [*more, "end 2 4002 30.00 7"]
        (self._folder / "token").write_text("".join(f"{line}\n" for line in lines))
        token = Token("token", lines=0, requeue=True, job=7)
        return Checker(self._folder, self._folder, self.windows, [], self.stops).check([token])


def window(pid: int, from_s: float, to_s: float) -> Window:
    return Window(pid, BEGAN_NS + int(from_s * S), BEGAN_NS + int(to_s * S), to_s)


@pytest.fixture(name="case")
def _case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Case:
    return Case(tmp_path, monkeypatch)


def test_a_lease_that_ended_while_the_worker_was_cut_off_is_excused(case: Case) -> None:
    """Nobody can tell a worker that nobody hears to stop."""
    verdict = case.verdict(first_ended_s=CUT[1] + 2)

    assert [] == verdict.breaches
    assert 1 == verdict.figures["overlapped while cut off"]


@pytest.mark.parametrize(
    "windows",
    [[], [window(OTHER, *CUT)], [window(PID, 1.0, 4.0)], [window(PID, 12.6, 16.0)]],
    ids=["none", "of another worker", "long before", "only after that"],
)
def test_no_other_time_excuses_it(case: Case, windows: list[Window]) -> None:
    """Of this worker, and at that time."""
    case.windows = windows

    assert 1 == case.verdict().figures["doubled"]


def test_what_was_given_up_for_another_reason_is_not_excused(case: Case) -> None:
    """That attempt had ended, so said the server."""
    case.give_up(GIVEN_UP, "exit status 3, retry 1 of 2")

    assert 1 == case.verdict().figures["doubled"]


def test_a_worker_that_is_back_is_not_given_up_any_more(case: Case) -> None:
    """It has been heard long since."""
    case.give_up(CUT[1] + 1.6)

    assert 1 == case.verdict().figures["doubled"]


def test_a_server_that_was_stopped_could_not_judge_before(case: Case) -> None:
    """Then it goes on, and has not heard the worker yet."""
    case.stop_server(12.4, 20.0)
    case.give_up(20.3)

    assert [] == case.verdict().breaches


@pytest.mark.parametrize(
    ("from_s", "to_s", "given_up_s"),
    [(12.4, 20.0, 21.6), (5.0, 9.9, 14.6), (15.0, 20.0, 20.3), (21.0, 29.0, 20.3)],
    ids=["long back", "before", "the worker was back before", "after"],
)
def test_no_other_stop_of_the_server_excuses_it(
    case: Case, from_s: float, to_s: float, given_up_s: float
) -> None:
    """Between the worker's return and the verdict there was time enough to hear it."""
    case.stop_server(from_s, to_s)
    case.give_up(given_up_s)

    assert 1 == case.verdict().figures["doubled"]


def test_an_attempt_that_goes_on_after_its_worker_is_back_is_not_excused(case: Case) -> None:
    """It is told that it has lost its job, and has to end it."""
    assert 1 == case.verdict(first_ended_s=CUT[1] + 6.1).figures["doubled"]


def test_a_server_that_was_stopped_could_not_tell_it(case: Case) -> None:
    """For so long, and no longer."""
    case.stop_server(13.0, 16.0)

    assert [] == case.verdict(first_ended_s=CUT[1] + 8.9).breaches
    assert 1 == case.verdict(first_ended_s=CUT[1] + 9.1).figures["doubled"]


def test_an_attempt_that_is_started_twice_is_doubled_whoever_was_cut_off(case: Case) -> None:
    """No fault makes that right."""
    assert 1 == case.verdict(None, "start 2 4003 13.00 7 node2 ").figures["doubled"]


def test_a_window_lasts_until_it_is_closed() -> None:
    """The driver does what is due as soon as it can, which may be late."""
    now_ns, up_s = time.time_ns(), time.clock_gettime(time.CLOCK_BOOTTIME)
    late = Window(PID, now_ns - 9 * S, now_ns - 3 * S, up_s - 3)
    late.close()

    assert late.to_ns >= now_ns
    assert late.until_up_s >= up_s


@pytest.mark.parametrize(
    ("began_s", "ending", "breaches"),
    [(19.99, "finished", 1), (20.0, "finished", 0), (5.0, "cancelled", 0), (5.0, "lost", 0)],
)
def test_who_waits_for_another_starts_when_that_has_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, began_s: float, ending: str, breaches: int
) -> None:
    """By the attempt that counts; of one that was killed the log has no end."""
    first = Known(7, ending, 2, crashes=1, status=0, problem="")
    second = Known(8, "finished", 1, crashes=0, status=0, problem="")
    monkeypatch.setattr(checker, "read_journal", lambda _path: {"first": [first], "second": [second]})
    (tmp_path / "o").mkdir()
    for name, number in (("first", 7), ("second", 8)):
        (tmp_path / "o" / f"out.{number:05d}").write_text(f"out {name}\n")
    (tmp_path / "first").write_text("start 2 1 9.00 7 n \nend 1 1 4.00 7\nend 2 1 20.00 7\n")
    (tmp_path / "second").write_text(f"start 1 2 {began_s:.2f} 8 n \nend 1 2 30.00 8\n")
    before = Token("first", lines=0, requeue=True, job=7, kill_asked=True)
    token = Token("second", lines=0, requeue=True, job=8, behind=before)
    verdict = Checker(tmp_path, tmp_path, [], [], Stops()).check([before, token])

    found = [breach for breach in verdict.breaches if "for which it waits" in breach]
    assert (breaches, 1) == (len(found), verdict.figures["waited for another"])
