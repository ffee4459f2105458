"""The report, and the sums that it and `goq history` are made of."""

import re
from html.parser import HTMLParser

import pytest

from goq.core.values.failures import FailureGroup, Failures
from goq.core.values.states import JobState
from goq.core.values.totals import Busy, Minute, Spent, Waiting
from goq.views.paper import Paper
from goq.views.report import Facts, Span, advice_of, report
from goq.views.spent import grouped, sentences, spent_table, summed

S, GIB = 10**9, 1 << 30
EVIL = "<script>alert(1)</script>"
FOLD = Spent(
    "ann", "n1", 20_000, "fold", ("a", "b"), 3, 2, 1, 0, 20.0, 7200.0, 14_400.0, 7_200.0, 2 * GIB, GIB
)
SWEEP = Spent("cy", "n2", 20_001, None, None, 1, 1, 0, 0, 5.0, 100.0, 100.0, 90.0)
SPAN = Span(0, 7200 * S, 600)
FACTS = Facts(
    f"lab{EVIL}",
    SPAN,
    [FOLD, SWEEP],
    [Busy(0, "n1", "ann", 4.0), Busy(600 * S, "n1", "cy", 1.5), Busy(600 * S, EVIL, EVIL, 1.0)],
    [Minute(600 * S, 5, 3, 0, 20, 10)],
    [Waiting(0, 10, 1), Waiting(1200 * S, 3, 1)],
    {"n1": 8, "n3": 16},
    [(EVIL, Failures(1, 1, 2, 0, (FailureGroup(1, JobState.FAILED, 3, ((1, 1),), last_words=EVIL),)))],
)


class Page(HTMLParser):
    """What is in a page, and that its elements are closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        assert not any(name.startswith("on") or name in {"src", "style"} for name, _ in attrs)
        if tag not in {"meta", "rect", "line"}:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, _attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += f"{data}\n"


def test_a_report_is_one_page_that_loads_nothing() -> None:
    """Whatever strangers call their jobs."""
    text = report(FACTS, Paper(now_ns=7300 * S))
    page = Page(text)

    assert [] == page.open
    assert {"script", "link", "img", "iframe"}.isdisjoint(page.tags)
    assert not re.search(r"https?://|url\((?!#)", text)
    assert EVIL in page.text
    assert "3 jobs ended, 1 of them badly." in page.text
    assert "What ran where" in page.text


def test_a_report_tells_all_that_it_is_given() -> None:
    """Each machine, each name, and each way to fail."""
    page = Page(report(FACTS, Paper(now_ns=7300 * S)))

    for word in ("n1", "n3", "8 cpus", "16 cpus", "gone by now", "fold", "✗ exit 3", "Waiting jobs"):
        assert word in page.text
    assert page.tags.count("tr") == 1 + 2 + 1 + 1


def test_a_report_of_little_is_a_page_too() -> None:
    """No machine, no failure."""
    empty = Facts("lab", SPAN, [SWEEP], [], [], [], {}, [])

    assert [] == Page(report(empty, Paper())).open


@pytest.mark.parametrize(
    ("by", "labels"),
    [
        ("name", ["fold", "-"]),
        ("tag", ["a", "b", "-"]),
        ("user", ["ann", "cy"]),
        ("machine", ["n1", "n2"]),
        ("day", ["2024-10-04", "2024-10-05"]),
    ],
)
def test_sums_are_by_what_is_asked(by: str, labels: list[str]) -> None:
    """Of tags a job may have several."""
    assert labels == [label for label, _ in grouped([SWEEP, FOLD, FOLD], by)]
    assert 4 == dict(grouped([SWEEP, FOLD, FOLD], "user"))["ann"].jobs


def test_sums_have_a_sentence_and_a_table() -> None:
    """Means are of each job, and a pipe has plain numbers."""
    whole = summed([FOLD, SWEEP])
    row = next(
        line for line in spent_table([FOLD], "name", Paper(80, is_terminal=True)) if line.startswith("fold")
    )
    piped = list(spent_table([FOLD], "name", Paper()))[1].split("\t")

    assert (
        "3 jobs of 2 users ended today, 1 of them badly.",
        "They had 4.03 cpu hours, 50 % of them used.",
    ) == sentences([FOLD, SWEEP], "today")
    assert (3, 4, 2 * GIB) == (whole.jobs, whole.attempts, whole.mem_asked_bytes)
    assert ["fold", "2", "1", "10s", "40m", "4.00", "50", "%", "1.0", "of", "2", "GiB"] == row.split()
    assert ["fold", "2", "1", "10.000", "2400.000", "4.000000", "50 %", str(GIB)] == piped


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (
            Spent("", "", 0, ran_s=100, cpu_s=100, used_cpu_s=90, mem_asked_bytes=10, mem_peak_bytes=10),
            "is tight",
        ),
        (
            Spent("", "", 0, ran_s=100, cpu_s=100, used_cpu_s=90, mem_asked_bytes=10, mem_peak_bytes=4),
            "would do",
        ),
        (Spent("", "", 0, ran_s=100, cpu_s=100, used_cpu_s=20), "wait for a disk"),
        (Spent("", "", 0, ran_s=100, cpu_s=100, used_cpu_s=90), "fits"),
        (Spent("", "", 0, ran_s=1, cpu_s=1), ""),
    ],
)
def test_advice_is_by_what_was_used(row: Spent, told: str) -> None:
    """Of what ran for too short a time nothing is said."""
    assert told in advice_of(row)
    assert bool(told) == bool(advice_of(row))
