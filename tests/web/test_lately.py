"""What jobs took of late, added up and drawn."""

from goq.core.values.moments import NS
from goq.core.values.totals import Busy, Spent
from goq.views.paper import Paper
from goq.views.report import Span
from goq.web import lately
from goq.web.lately import Ended, Lately
from web.lab import Lab

NOW = 1_795_703_530 * NS // (600 * NS) * (600 * NS)
SPAN = Span(NOW - 1200 * NS, NOW, 600)
SPENT = [
    Spent("ann", "n1", 1, jobs=3, failed=1, cpu_s=10.0, used_cpu_s=9.0),
    Spent("bob", "n1", 1, jobs=2, cpu_s=5.0, used_cpu_s=1.0),
    Spent("ann", "n2", 1, name="fold", jobs=1, failed=1, cpu_s=1.0),
]
BUSY = [
    Busy(SPAN.begin_ns, "n1", "ann", 3.0),
    Busy(SPAN.begin_ns, "n2", "ann", 64.0),
    Busy(NOW - 600 * NS, "n1", "bob", 2.0),
]
LATELY = Lately(SPAN, SPENT, BUSY, True)


def test_it_is_added_up_by_machine_and_by_owner() -> None:
    assert {"n1": Ended(5, 1), "n2": Ended(1, 1)} == lately.ended_by_host(LATELY)
    assert {"ann": (11.0, 9.0), "bob": (5.0, 1.0)} == lately.spent_by_owner(LATELY)


def test_what_was_busy_is_drawn_by_whose_it_was() -> None:
    """In the colours that they have elsewhere; other machines are not in it."""
    drawn = lately.drawn(LATELY, "n1", 4, {"ann": 0, "bob": 1}, Paper(now_ns=NOW))

    assert "f-u0" in drawn
    assert "f-u1" in drawn
    assert '<span class="y t">4</span>' in drawn
    assert "f-u0" not in lately.drawn(LATELY, "n3", 4, {"ann": 0, "bob": 1}, Paper(now_ns=NOW))


def test_the_machines_say_what_ended_there_today(lab: Lab) -> None:
    """And the page of one has its last hours."""
    visitor = lab.visitor()
    table = visitor.get("/workers").text

    assert 'data-th="jobs today">' in table
    assert '<td class="r" data-th="failed">1</td>' in table
    assert 'class="f-u0"' in visitor.get(f"/workers/{lab.host}").text.partition('id="before"')[2]
