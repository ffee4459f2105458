"""The report: one page of what ran in a span of time, that loads nothing from elsewhere, and prints well. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from goq.core.values.failures import Failures
from goq.core.values.moments import NS
from goq.core.values.totals import Busy, Minute, Spent, Waiting
from goq.views.charts import Series, areas, bars, curve, framed, top_of
from goq.views.clocks import clock
from goq.views.numbers import count, percent
from goq.views.paper import Paper
from goq.views.signs import sign_of, sign_of_failure
from goq.views.spent import cpu_hours, grouped, mean, memory_of, summed
from goq.views.style import STYLE, user_fill
from goq.views.svg import HATCHING, Entry, element, escaped, legend
from goq.views.use import enough

MACHINES, NAMES, FAILED_SETS = 100, 50, 20  # that are shown
_TICKS = 4
_LEAST_HEIGHT, _MOST_HEIGHT = 26, 64  # of a machine, in pixels; a cpu is one
_SAYS_LITTLE_S = 60  # of running
_LOW, _TIGHT = 0.5, 0.9  # of what was asked for


class Span(NamedTuple):
    """When it begins and ends, and how long a step is; times in ns since the epoch."""

    begin_ns: int
    end_ns: int
    step_s: int

    @property
    def steps(self) -> range:
        """Where each step begins."""
        step_ns = self.step_s * NS
        return range(self.begin_ns // step_ns * step_ns, self.end_ns, step_ns)


class Facts(NamedTuple):
    """What a report tells. `cpus` are those of each machine that is there; failures are told with what they are of."""

    queue: str
    span: Span
    spent: Sequence[Spent]
    busy: Sequence[Busy]
    steps: Sequence[Minute]
    curve: Sequence[Waiting]
    cpus: Mapping[str, int]
    failures: Sequence[tuple[str, Failures]]


def report(facts: Facts, paper: Paper) -> str:
    """The page."""
    title = f"Report of {facts.queue}"
    parts = [element("h1", escaped(title)), *parts_of(facts, paper)]
    told = f"written by goq report at {clock(paper.now_ns, paper, with_seconds=True)}; nothing is loaded from elsewhere"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"{element('title', escaped(title))}<style>{STYLE}</style></head><body>{HATCHING}"
        f"{_head(facts)}"
        f"{element('main', *parts, id='main')}{element('footer', escaped(told))}</body></html>\n"
    )


def parts_of(facts: Facts, paper: Paper) -> list[str]:
    """What stands on it, below its title."""
    return [
        element("p", escaped(_lead(facts, paper)), class_="lead"),
        *_machines(facts, paper),
        element("div", _waiting(facts, paper), _ended(facts, paper), class_="grid gap"),
        _names(facts),
        *_failures(facts),
    ]


def _head(facts: Facts) -> str:
    brand = element("span", "goq ", element("span", escaped(facts.queue)), class_="brand")
    return element("header", element("div", brand, class_="bar"), class_="top")


def _lead(facts: Facts, paper: Paper) -> str:
    whole, span = summed(facts.spent), facts.span
    failed = f", {count(whole.failed)} of them badly" if whole.failed else ""
    hours = sum(facts.cpus.values()) * (span.end_ns - span.begin_ns) / NS
    there = f" Of {cpu_hours(hours)} cpu hours" if hours else " Of the cpu hours"
    given = sum(each.cpus for each in facts.busy) * span.step_s
    use = f"{there} {percent(given, hours)} were given out." if hours else ""
    used = f" Of those given out {percent(whole.used_cpu_s, whole.cpu_s)} were used." if whole.cpu_s else ""
    return f"{_when(span, paper)}. {count(whole.jobs)} jobs ended{failed}.{use}{used}"


def _when(span: Span, paper: Paper) -> str:
    return f"{clock(span.begin_ns, paper)} to {clock(span.end_ns, paper)}"


def _ticks(span: Span, paper: Paper) -> list[str]:
    length = span.end_ns - span.begin_ns
    return [clock(span.begin_ns + length * at // (_TICKS - 1), paper) for at in range(_TICKS)]


# --- machines -------------------------------------------------------------------------------------


def _machines(facts: Facts, paper: Paper) -> Iterator[str]:
    hosts = sorted({each.host for each in facts.busy} | set(facts.cpus))
    users = [name for name, _ in grouped(facts.spent, "user")]
    users += sorted({each.owner for each in facts.busy} - set(users))
    if not hosts:
        return
    rows = [_machine(host, users, facts, paper) for host in hosts[:MACHINES]]
    entries = [Entry(user_fill(rank), user) for rank, user in enumerate(users[: len(users)])][:20]
    note = element("p", escaped(f"{_when(facts.span, paper)}; the height is cpus."), class_="mute small")
    more = f"{count(len(hosts) - MACHINES)} machines more" if len(hosts) > MACHINES else ""
    yield element(
        "section",
        element("h2", "What ran where"),
        *rows,
        legend([*entries, Entry("f-free", "free")]),
        note,
        escaped(more),
    )


def _machine(host: str, users: Sequence[str], facts: Facts, paper: Paper) -> str:
    span = facts.span
    series, most = busy_series(host, {user: rank for rank, user in enumerate(users)}, facts.busy, span)
    capacity = facts.cpus.get(host) or top_of(most)
    height = int(min(_MOST_HEIGHT, max(_LEAST_HEIGHT, capacity)))
    label = f"{host}: busy cpus by user, {_when(span, paper)}"
    given = sum(sum(each.values) for each in series) / (capacity * max(1, len(span.steps)))
    cpus = f"{count(int(capacity))} cpus" if host in facts.cpus else "gone by now"
    return element(
        "div",
        element("div", element("b", escaped(host)), " ", element("span", escaped(cpus), class_="sub")),
        element("div", areas(label, series, capacity, height), class_="cells"),
        element("div", escaped(f"{percent(given, 1)} given out"), class_="side"),
        class_="m",
    )


def busy_series(
    host: str, ranks: Mapping[str, int], busy: Iterable[Busy], span: Span
) -> tuple[list[Series], float]:
    """What each of these users had there in each step, filled by rank; and the most that all of them had together."""
    places = {at: place for place, at in enumerate(span.steps)}
    values = {user: [0.0] * len(places) for user in ranks}
    for each in busy:
        if each.host == host and each.at in places:
            values[each.owner][places[each.at]] += each.cpus
    most = max((sum(some) for some in zip(*values.values(), strict=True)), default=0.0)
    return [
        Series(user, user_fill(rank), values[user]) for user, rank in ranks.items() if any(values[user])
    ], most


# --- over time ------------------------------------------------------------------------------------


def _waiting(facts: Facts, paper: Paper) -> str:
    values = _filled(facts.span, {each.at: each.waiting for each in facts.curve}, is_kept=True)
    top = top_of(max(values, default=0.0))
    drawn = curve("Waiting jobs", values, top)
    chart = framed(drawn, count(int(top)), _ticks(facts.span, paper))
    return element("section", element("h2", "Waiting jobs"), chart)


def _ended(facts: Facts, paper: Paper) -> str:
    span = facts.span
    minutes = span.step_s / 60
    failed = _filled(span, {each.at: each.failed / minutes for each in facts.steps})
    ended = _filled(span, {each.at: each.ended / minutes for each in facts.steps})
    done = [max(0.0, all_ - bad) for all_, bad in zip(ended, failed, strict=True)]
    top = top_of(max((good + bad for good, bad in zip(done, failed, strict=True)), default=0.0))
    chart = framed(bars("Jobs ended a minute", done, failed, top), f"{top:,.4g}", _ticks(span, paper))
    entries = legend([Entry("f-ok", "done"), Entry("f-bad", "failed", is_hatched=True)])
    return element("section", element("h2", "Jobs ended a minute"), chart, entries)


def _filled(span: Span, known: Mapping[int, float], *, is_kept: bool = False) -> list[float]:
    """A value a step: where nothing happened 0, or what was before."""
    found: list[float] = []
    earlier = [at for at in known if at < span.steps.start]
    last = known[max(earlier)] if earlier and is_kept else 0.0
    for at in span.steps:
        last = known.get(at, last if is_kept else 0.0)
        found.append(float(last))
    return found


# --- tables ---------------------------------------------------------------------------------------


def _names(facts: Facts) -> str:
    heads = (
        "Name",
        "User",
        "Jobs",
        "Failed",
        "Waited",
        "Ran",
        "Cpu hours",
        "Cpu used",
        "Most memory",
        "Advice",
    )
    pairs = grouped(facts.spent, "name")
    rows = "".join(_name_row(label, row) for label, row in pairs[:NAMES])
    more = f"{count(len(pairs) - NAMES)} names more" if len(pairs) > NAMES else ""
    head = element("tr", *(element("th", head, **_side(at in range(2, 9))) for at, head in enumerate(heads)))
    return element(
        "section",
        element("h2", "By name: what was asked, and what was used"),
        element("table", element("thead", head), element("tbody", rows), class_="stack"),
        escaped(more),
    )


def _side(is_right: bool) -> dict[str, str | float]:
    return {"class_": "r"} if is_right else {}


def _name_row(label: str, row: Spent) -> str:
    numbers = (
        ("jobs", count(row.jobs)),
        ("failed", count(row.failed)),
        ("waited", mean(row.waited_s, row.jobs)),
        ("ran", mean(row.ran_s, row.attempts)),
        ("cpu hours", cpu_hours(row.cpu_s)),
        ("cpu used", percent(row.used_cpu_s, row.cpu_s)),
        ("memory", memory_of(row)),
    )
    cells = [element("td", escaped(text), class_="r", data_th=head) for head, text in numbers]
    who = [element("td", escaped(text) or "-") for text in (label, row.owner)]
    return element("tr", *who, *cells, element("td", escaped(advice_of(row)) or "-", class_="full"))


def advice_of(row: Spent) -> str:
    """What would do, or would not."""
    if row.mem_asked_bytes and row.mem_peak_bytes > row.mem_asked_bytes * _TIGHT:
        return f"memory is tight: ask {enough(row.mem_peak_bytes)}"
    if row.mem_asked_bytes and 0 < row.mem_peak_bytes < row.mem_asked_bytes * _LOW:
        return f"asks too much memory: {enough(row.mem_peak_bytes)} would do"
    if row.ran_s < _SAYS_LITTLE_S:
        return ""
    if row.used_cpu_s < row.cpu_s * _LOW:
        return f"uses {percent(row.used_cpu_s, row.cpu_s)} of its cpus: does it wait for a disk?"
    return "fits"


def _failures(facts: Facts) -> Iterator[str]:
    if not facts.failures:
        return
    rows = "".join(_failure_rows(name, failures) for name, failures in facts.failures[:FAILED_SETS])
    heads = ("What", "How many", "How", "Where", "Last words")
    head = element("tr", *(element("th", head) for head in heads))
    table = element("table", element("thead", head), element("tbody", rows), class_="stack")
    yield element("section", element("h2", "Failures, by how"), table)


def _failure_rows(name: str, failures: Failures) -> str:
    found = []
    for group in failures.groups:
        failed = sign_of_failure(0 if group.signal else group.status, group.signal or 0, group.cause or "")
        sign = sign_of(group.state) if group.state.value != "failed" else failed
        fields = (name, count(group.count), f"{sign.mark} {sign.word}", " ".join(group.hosts[:5]))
        words = group.last_words or group.problem or "-"
        cells = [element("td", escaped(text) or "-", class_="nw") for text in fields]
        found.append(element("tr", *cells, element("td", escaped(words), class_="full")))
    return "".join(found)
