"""What needs a hand: a sentence each, and where to look. Pure."""

from typing import NamedTuple

from goq.core.values.cluster import NeedsLook
from goq.views import marks
from goq.views.numbers import count, duration, size
from goq.views.paper import Paper
from goq.views.sentences import Named, words_of
from goq.web.rows import Shown


class Look(NamedTuple):
    """One thing to look at: what is so, what more there is to say, and the page that says all."""

    head: Shown
    more: str
    path: str
    link: str


def look_of(needs: NeedsLook, paper: Paper) -> Look:
    """In words."""
    called = f"{needs.job} {needs.name}".strip()
    match needs.code:
        case "silent" | "lost":
            left = f" in {duration(needs.left_s)}" if needs.left_s else ""
            more = f"its {count(needs.jobs)} jobs go to other machines{left}" if needs.jobs else ""
            head = _warn(marks.SUSPECT, f"{needs.worker} is silent for {duration(needs.silent_s)}")
            return Look(head, more, f"/workers/{needs.worker}", f"look at {needs.worker}")
        case "nowhere":
            words = (
                words_of(needs.reason, Named(str(needs.job), needs.name), paper).long if needs.reason else ""
            )
            more = words.removeprefix("can run nowhere: ")
            return Look(_warn(marks.NEVER, f"{called} can run nowhere"), more, f"/jobs/{needs.job}", "why")
        case "failed":
            head = Shown("bad", marks.FAILED, f"{count(needs.jobs)} of {count(needs.total)} failed")
            return Look(head, f"in {called}", f"/jobs/{needs.job}#failed", "see what failed")
        case "closed":
            return Look(
                _warn(marks.NEVER, f"the limit {needs.name} is 0"),
                "nothing of it starts",
                "/people",
                "limits",
            )
        case "no_workers":
            waiting = f"{count(needs.jobs)} jobs wait" if needs.jobs != 1 else "1 job waits"
            return Look(_warn(marks.NEVER, "no machine works here"), waiting, "/workers", "machines")
        case "disk":
            return Look(
                _warn(marks.NEVER, "the disk is nearly full"), f"{size(needs.free_bytes)} are left", "/", ""
            )
        case _:
            return Look(_warn(marks.NEVER, needs.text), "", "/workers", "machines")


def _warn(mark: str, word: str) -> Shown:
    return Shown("warn", mark, word)
