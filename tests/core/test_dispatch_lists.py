"""Long lists that come in pieces, and kills of whole ranges: what the long histories meet too seldom."""

import pytest
from ledger import Place
from msgspec.structs import replace
from rig import Rig, submission
from spokesman import Heard

from goq.core.dispatch import changing
from goq.core.messages import AckSubmit, AddItems, Cancel, Change, Refused
from goq.core.state.records import RangeEnded
from goq.core.values.changes import Kill
from goq.core.values.ids import Argv, JobId, Nonce
from goq.core.values.job import By
from goq.core.values.result import SIGTERM
from goq.core.values.selectors import selector_of

HOUR_S = 3600.0


def begin(rig: Rig, count: int, to_come: int) -> Nonce:
    """The beginning of a list is here."""
    request = rig.request(submission(count, to_come=to_come))
    rig.deliver(request)
    return request.nonce


def add(rig: Rig, nonce: Nonce, offset: int, count: int) -> Heard:
    """So many commands more come, from that number on."""
    return rig.ask(AddItems(nonce, offset, tuple(Argv(b"add\0%d" % at) for at in range(count))))


def kill(*words: str, signal: int = SIGTERM) -> Change:
    """`goq kill`."""
    return Change(selector_of(words), Kill(signal), By("ann", "head", 7))


def test_a_list_runs_once_it_is_whole(rig: Rig) -> None:
    """In the order of its lines, behind what was submitted before it began."""
    rig.want_work("w1")
    nonce = begin(rig, 1, 2)
    assert Place.COMING is rig.where(1)
    assert AckSubmit(JobId(1), JobId(3), to_come=1) == add(rig, nonce, 1, 1)
    rig.submit()
    assert Place.RUNNING is rig.where(4)
    assert AckSubmit(JobId(1), JobId(3)) == add(rig, nonce, 1, 2)

    assert 1 == rig.delegate("w2").job


def test_what_leaves_a_gap_is_not_taken(rig: Rig) -> None:
    """The answer says where to go on."""
    nonce = begin(rig, 2, 4)

    assert AckSubmit(JobId(1), JobId(6), to_come=4) == add(rig, nonce, 3, 2)
    assert AckSubmit(JobId(1), JobId(6), to_come=2) == add(rig, nonce, 1, 3)
    assert isinstance(add(rig, nonce, 4, 3), Refused)
    assert isinstance(add(rig, Nonce(b"never submitted!"), 0, 1), Refused)


@pytest.mark.parametrize("line", [b"", b"\0x"], ids=["nothing", "no program"])
def test_each_command_of_a_list_has_a_program(rig: Rig, line: bytes) -> None:
    """However late it comes; the pieces that are right go on."""
    nonce = begin(rig, 1, 2)
    refused = rig.ask(AddItems(nonce, 1, (Argv(b"ls"), Argv(line))))

    assert refused == Refused("a command needs a program")
    assert AckSubmit(JobId(1), JobId(3)) == add(rig, nonce, 1, 2)


def test_a_list_is_given_up_after_an_hour_without_news(rig: Rig) -> None:
    """To ask how far it is counts as news."""
    request = rig.request(submission(1, to_come=1))
    rig.deliver(request)
    rig.pass_time(HOUR_S - 5)
    again = replace(request, sent_ns=rig.now.wall_ns)
    rig.deliver(again)
    rig.pass_time(HOUR_S - 5)
    assert Place.COMING is rig.where(2)
    rig.pass_time(6)

    assert Place.ENDED is rig.where(2)
    assert "never came whole" == rig.ledger.lives[JobId(2)].ended.result.problem  # type: ignore[union-attr]
    told = rig.deliver(replace(again, sent_ns=rig.now.wall_ns))
    assert AckSubmit(JobId(1), JobId(2), to_come=1, cancelled=True) == told


def test_a_kill_of_many_ranges_goes_in_slices(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the first on none of them starts; the last of them end first, and what came before goes on first."""
    monkeypatch.setattr(changing, "SLICE_RANGES", 2)
    rig.submit(25)
    rig.ask(kill("1-2", "5", "8", "11", "13-19"))
    assert {Place.KILLED} == {rig.where(job) for job in (1, 2, 5, 8)}
    rig.ask(kill("12"))
    assert 3 == rig.delegate("w1").job
    rig.ask(Cancel(JobId(2)))
    rig.pass_time(0.1)

    assert [] == rig.ledger.in_place(Place.KILLED)
    ends = [record.ranges for record in rig.story if isinstance(record, RangeEnded)]
    told = [((11, 12), (13, 20)), ((5, 6), (8, 9)), ((2, 3),), ((1, 2),), ((12, 13),)]
    assert told == ends
    assert [4, 6, 7, 9, 10, *range(20, 26)] == rig.waiting()


def test_what_runs_in_a_killed_range_is_killed(rig: Rig) -> None:
    """Each with the signal that was asked for."""
    rig.submit(3)
    claims = [rig.delegate("w1"), rig.delegate("w2")]
    rig.ask(kill("1-3", signal=2))

    assert [2, 2] == [rig.state.running[claim.job].kill_signal for claim in claims]
    assert Place.ENDED is rig.where(3)
