"""Whose answers count, and what is said of the others."""

from epochs import EPOCH, FOREIGN, LATER
from msgspec.structs import replace

from goq.core.values.ids import NO_EPOCH, Epoch, QueueId
from goq.core.waits.allegiance import QUIET_S, Allegiance, Kind, News

LATEST = Epoch(EPOCH.queue, 3)
THIRD = Epoch(QueueId(bytes([7] * 16)), 1)


class Process:
    """Somebody with an allegiance, who may hold something, and asks whoever it thinks right."""

    def __init__(self) -> None:
        self.holds = False
        self.now_s = 100.0
        self.allegiance = Allegiance(lambda: self.holds)

    def hears(self, speaker: Epoch, wanted: Epoch = NO_EPOCH, asked: Epoch | None = None) -> bool:
        """Whether the answer counts; a second later."""
        self.now_s += 1
        asked = self.allegiance.addressee(wanted) if asked is None else asked
        return self.allegiance.counts(wanted, asked, speaker, self.now_s)

    def told(self) -> list[tuple[Kind, Epoch, Epoch]]:
        """What there is to say."""
        return [(news.kind, news.ours, news.speaker) for news in self.allegiance.take_news()]


def test_the_first_queue_that_is_heard_is_ours() -> None:
    """From then on every question names it."""
    process = Process()

    assert NO_EPOCH == process.allegiance.addressee(NO_EPOCH)
    assert process.hears(EPOCH)
    assert EPOCH == process.allegiance.addressee(NO_EPOCH)
    assert [] == process.told()


def test_a_claim_names_its_own_queue_before_anybody_is_heard() -> None:
    """What a dead worker left is its queue's, whoever is there now."""
    process = Process()

    assert LATER == process.allegiance.addressee(LATER)
    assert not process.hears(FOREIGN, wanted=LATER)
    assert process.hears(LATER, wanted=LATER)


def test_who_holds_something_takes_nothing_from_another_queue() -> None:
    """Not even what was asked of nobody in particular, when there was no queue to name yet."""
    process = Process()
    process.hears(EPOCH)
    process.holds = True

    assert not process.hears(FOREIGN)
    assert not process.hears(FOREIGN, asked=NO_EPOCH)
    assert not process.hears(FOREIGN, wanted=EPOCH)
    assert EPOCH == process.allegiance.addressee(NO_EPOCH)
    assert process.hears(LATER, wanted=EPOCH)


def test_who_holds_nothing_goes_over_to_the_queue_that_is_there() -> None:
    """Nothing can be lost by it. The answer was meant for another, and the question is asked again."""
    process = Process()
    process.hears(EPOCH)
    refusal_counts = process.hears(FOREIGN)

    assert not refusal_counts
    assert [(Kind.CHANGED, EPOCH, FOREIGN)] == process.told()
    assert FOREIGN == process.allegiance.addressee(NO_EPOCH)
    assert process.hears(FOREIGN)


def test_an_answer_of_our_queue_to_what_was_asked_of_another_does_not_count() -> None:
    """It is a refusal."""
    process = Process()
    process.hears(FOREIGN)
    process.hears(EPOCH)

    assert not process.hears(EPOCH, asked=FOREIGN)


def test_another_queue_is_told_once_and_so_is_the_way_back() -> None:
    """Each heartbeat that it answers would be a line."""
    process = Process()
    process.hears(EPOCH)
    process.holds = True
    for _ in range(3 * int(QUIET_S)):
        process.hears(FOREIGN)
    said = process.told()
    process.hears(LATER)

    assert [(Kind.FOREIGN, EPOCH, FOREIGN)] == said
    assert [(Kind.BACK, LATER, LATER)] == process.told()
    process.hears(LATER)
    assert [] == process.told()


def test_a_third_queue_is_told_as_well_but_not_at_once() -> None:
    """Two servers behind one address, by turns, are no storm."""
    process = Process()
    process.hears(EPOCH)
    process.holds = True
    for _ in range(4):
        process.hears(FOREIGN)
        process.hears(THIRD)
    at_once = process.told()
    process.now_s += QUIET_S
    process.hears(THIRD)

    assert [(Kind.FOREIGN, EPOCH, FOREIGN)] == at_once
    assert [(Kind.FOREIGN, EPOCH, THIRD)] == process.told()


def test_an_epoch_that_is_over_is_refused_whoever_is_asked_and_whatever_is_held() -> None:
    """An old copy of the journal knows nothing of what was given since."""
    for holds in (False, True):
        process = Process()
        process.hears(LATEST)
        process.holds = holds

        assert not process.hears(LATER)
        assert not process.hears(LATER, asked=NO_EPOCH)
        assert not process.hears(EPOCH, wanted=EPOCH)
        assert [(Kind.OLD, LATEST, LATER)] == process.told()
        assert process.hears(LATEST)


def test_a_claim_tells_of_its_epoch() -> None:
    """Who has just started knows of none, but for what the results that it has inherited say."""
    process = Process()

    assert not process.hears(EPOCH, wanted=LATER)
    assert [Kind.OLD] == [kind for kind, _, _ in process.told()]


def test_the_epochs_of_a_queue_are_remembered_while_another_one_is_ours() -> None:
    """Its old copy may come back in its place."""
    process = Process()
    process.hears(LATER)
    process.hears(FOREIGN)

    assert not process.hears(EPOCH, asked=NO_EPOCH)
    assert FOREIGN.queue == process.allegiance.queue


def test_news_are_taken_once() -> None:
    """Who says them has said them."""
    process = Process()
    process.hears(EPOCH)
    process.hears(FOREIGN)

    assert [News(Kind.CHANGED, EPOCH, FOREIGN)] == process.allegiance.take_news()
    assert [] == process.allegiance.take_news()


def test_two_servers_of_one_epoch_are_not_obeyed_both() -> None:
    """One of them serves a copy: who was heard first counts, and what a claim names."""
    process = Process()
    one, other = replace(EPOCH, draw=1), replace(EPOCH, draw=2)

    assert not process.hears(other, wanted=one)
    assert process.hears(one)
    assert not process.hears(other)
    assert one == process.allegiance.addressee(NO_EPOCH)
    assert [(Kind.OLD, one, other)] == process.told()[-1:]
    assert process.hears(replace(LATER, draw=2))
    late = Process()
    assert late.hears(other)
    assert not late.hears(other, wanted=one)
