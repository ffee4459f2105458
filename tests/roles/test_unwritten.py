"""Outputs that were not taken: each folder has its own pause, and none holds up another."""

from goq.core.values.ids import JobId
from goq.core.values.result import OUT, OutputKey
from goq.roles.server.unwritten import RETRY_S, UNTAKEN_S, Unwritten


def key(job: int) -> OutputKey:
    return JobId(job), 1, OUT


def test_a_folder_is_tried_again_after_a_pause() -> None:
    """A disk that is full now is not empty at once."""
    kept = Unwritten()
    assert float("inf") == kept.next_at_s()
    kept.put("ann", key(1), 10.0)

    assert ("ann",) == kept.folders(10.0)
    assert kept.take(10.0 + RETRY_S / 2) is None
    assert 10.0 + RETRY_S == kept.next_at_s()
    assert key(1) == kept.take(10.0 + RETRY_S)
    assert kept.take(99.0) is None
    assert () == kept.folders(99.0)


def test_trouble_of_one_holds_up_no_other() -> None:
    """Ann's quota is spent, with many outputs; what bob could not write for a moment is written after his pause."""
    kept = Unwritten()
    for job in (1, 2, 3):
        kept.put("ann", key(job), 0.0)
    kept.put("bob", key(9), 0.1)
    tried = []
    for now_s in (0.5, 0.6, 1.0, 1.5):
        while found := kept.take(now_s):
            tried.append(found[0])
            if found[0] != 9:
                kept.put("ann", found, now_s)

    assert [1, 9, 2, 3] == tried
    assert ("ann",) == kept.folders(2.0)


def test_where_one_was_taken_the_next_follows_at_once() -> None:
    """There is room again."""
    kept = Unwritten()
    for job in (1, 2, 3):
        kept.put("", key(job), 0.0)

    assert [key(1), key(2), key(3), None] == [kept.take(1.0) for _ in range(4)]


def test_who_leaves_tries_all() -> None:
    """What is written now, the next server need not write."""
    kept = Unwritten()
    kept.put("ann", key(1), 100.0)
    kept.put("bob", key(2), 100.0)
    kept.hurry()

    assert [key(1), key(2)] == [kept.take(0.0), kept.take(0.0)]


def test_a_piece_that_is_not_taken_is_told_until_one_is_or_its_worker_went() -> None:
    """A job that is killed meanwhile sends no more."""
    kept = Unwritten()
    kept.note_piece("bob", 0.0, is_taken=True)
    kept.note_piece("ann", 0.0, is_taken=False)
    kept.note_piece("bob", 1.0, is_taken=False)
    before = kept.folders(2.0)
    kept.note_piece("bob", 3.0, is_taken=True)

    assert ("ann", "bob") == before
    assert ("ann",) == kept.folders(3.0)
    assert () == kept.folders(UNTAKEN_S + 1)
