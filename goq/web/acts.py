"""What may be done from a page: a form that asks, and the deed. Each is what a command does, by who started the page."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from goq.api.client import Client
from goq.core.messages import AckChange, AckLimit, Change, Retried, Retry, SetLimit
from goq.core.values.changes import Alter, BadChange, Hold, Kill, Pause, Release, Resume, What
from goq.core.values.limit_names import NODE
from goq.core.values.quantities import BadQuantity, duration_s, size_bytes
from goq.core.values.selectors import BadSelector, Selector, selector_of
from goq.core.values.terms import Terms
from goq.errors import BadCommand, RequestRefused
from goq.views.numbers import count
from goq.views.strips import tally_words
from goq.web.clock import now_s
from goq.web.frame import Desk
from goq.web.guard import Form
from goq.web.rows import row_of
from goq.web.which import found

DAY_S = 86400.0
WORDS_LIMIT = 1000


class Field(NamedTuple):
    """What a form asks for; empty leaves it as it is."""

    name: str
    label: str
    example: str


class Deed(NamedTuple):
    """One thing that can be done to jobs: how it is asked, the word on its button, and the command that does it."""

    question: str
    button: str
    command: str
    fields: tuple[Field, ...] = ()
    is_harmful: bool = False


_MEMORY, _TIME = Field("mem", "Memory", "3G"), Field("time", "Time limit", "2h")
_PRIORITY, _CPUS = Field("priority", "Priority", "5"), Field("cpus", "Cpus", "4")
DEEDS: Mapping[str, Deed] = {
    "kill": Deed("Kill {what}?", "Kill", "goq kill {jobs}", is_harmful=True),
    "hold": Deed("Keep {what} from being started?", "Hold", "goq hold {jobs}"),
    "release": Deed("Let {what} start?", "Release", "goq release {jobs}"),
    "pause": Deed("Stop {what} for a while?", "Pause", "goq pause {jobs}"),
    "resume": Deed("Let {what} go on?", "Resume", "goq resume {jobs}"),
    "alter": Deed(
        "What shall {what} have?", "Change", "goq alter {jobs} …", (_PRIORITY, _CPUS, _MEMORY, _TIME)
    ),
    "retry": Deed(
        "Submit again what failed of {what}?", "Retry", "goq retry {jobs} --failed", (_MEMORY, _TIME)
    ),
}
_MACHINES: Mapping[str, Deed] = {
    "drain": Deed(
        "Give {what} no more jobs?",
        "Drain",
        "goq drain {jobs}",
        (Field("why", "Why, for others to read", "disk swap"),),
    ),
    "undrain": Deed("Give {what} jobs again?", "Undrain", "goq undrain {jobs}"),
}
_CHANGES: Mapping[str, Callable[[], What]] = {
    "kill": Kill,
    "hold": Hold,
    "release": Release,
    "pause": Pause,
    "resume": Resume,
}


async def ask(desk: Desk, request: Request) -> Response:
    """The page that asks before something is done."""
    name, jobs = request.query_params.get("do", ""), request.query_params.get("to", "")
    deed = DEEDS.get(name) or _MACHINES.get(name)
    if deed is None or not jobs or not desk.pages.may_act:
        raise BadCommand("there is nothing like that to be done")
    if name in _MACHINES:
        what, back = jobs, f"/workers/{jobs}"
    else:
        what, back = await _described(desk, jobs), f"/jobs/{jobs}"
    return desk.answer(
        request,
        "ask.html",
        "Machines" if name in _MACHINES else "Jobs",
        name=name,
        to=jobs,
        deed=deed,
        question=deed.question.format(what=what),
        command=deed.command.format(jobs=jobs),
        back=back,
    )


async def _described(desk: Desk, jobs: str) -> str:
    row = row_of(await found(desk, jobs), None, desk.paper())
    called = f"{row.shown} {row.name}".strip()
    return f"{called}: {tally_words(row.counts)}" if row.is_array else f"{called} of {row.owner}"


async def act(desk: Desk, request: Request) -> Response:
    """Do it, and go back to what it was done to."""
    form: Form = request.scope["goq.form"]
    name, to = form.get("do", ""), form.get("to", "")
    if name in _MACHINES:
        said = await desk.source.ask(lambda client: _drain(client, name, to, form.get("why", "")))
        back = f"/workers/{to}"
    elif name in DEEDS:
        said, back = await desk.source.ask(lambda client: _done(client, name, to, form))
    else:
        raise BadCommand("there is nothing like that to be done")
    desk.source.forget()
    request.scope["goq.session"].note(said, now_s())
    return RedirectResponse(desk.pages.url(back), 303)


def _drain(client: Client, name: str, host: str, why: str) -> str:
    amount = 0 if name == "drain" else None
    drawn = client.ask(SetLimit(f"{NODE}{host}", amount, why[:WORDS_LIMIT], client.here.by), AckLimit).drawn
    if name == "undrain":
        return f"{host} gets jobs again."
    return f"{host} gets no more jobs; {f'{drawn} still run there' if drawn else 'nothing runs there'}."


def _done(client: Client, name: str, to: str, form: Form) -> tuple[str, str]:
    """What has come of it, and where to look now. Raises GoqError."""
    try:
        selector = selector_of((to,))
        if name == "retry":
            return _retried(client, selector, form)
        what = Alter(*_terms(form, DEEDS["alter"].fields)) if name == "alter" else _CHANGES[name]()
    except (BadSelector, BadChange, BadQuantity, ValueError) as error:
        raise BadCommand(f"{error}. Nothing was done.") from error
    met = client.ask(Change(selector, what, client.here.by), AckChange)
    while met.left:
        met = client.ask(Change(selector, what, client.here.by), AckChange)
    return _said(name, met), f"/jobs/{to}"


def _retried(client: Client, selector: Selector, form: Form) -> tuple[str, str]:
    fields, terms = _terms(form, DEEDS["retry"].fields)
    question = Retry(selector, client.here.by, failed=True, fields=fields, terms=terms, since_s=365 * DAY_S)
    rows = client.ask(question, Retried).rows
    if not rows:
        raise RequestRefused("none of these has failed; nothing was queued")
    jobs = sum(row.count for row in rows)
    return f"{count(jobs)} submitted again, from {rows[0].first} on.", f"/jobs/{rows[0].first}"


def _terms(form: Form, fields: tuple[Field, ...]) -> tuple[tuple[str, ...], Terms]:
    """What was filled in, as fields of the terms. Raises ValueError."""
    readers: dict[str, tuple[str, Callable[[str], float]]] = {
        "priority": ("priority", int),
        "cpus": ("cpus", int),
        "mem": ("memory", size_bytes),
        "time": ("time_limit_s", duration_s),
    }
    said = {
        readers[each.name][0]: readers[each.name][1](form[each.name].strip())
        for each in fields
        if form.get(each.name, "").strip()
    }
    return tuple(said), Terms(**said)  # type: ignore[arg-type]  # each reader gives what its field takes


def _said(name: str, met: AckChange) -> str:
    """What was met, in words."""
    if name == "kill":
        counts = (
            (met.changed, "will not run"),
            (met.running, "is being killed" if met.running == 1 else "are being killed"),
        )
    else:
        done = {"hold": "held", "release": "released", "alter": "altered"}.get(name, f"{name}d")
        counts = ((met.changed, done), (met.running, "run already"))
    more = ((met.same, "were so before"), (met.waiting, "wait"), (met.ended, "had ended"))
    words = ", ".join(f"{count(number)} {what}" for number, what in (*counts, *more) if number)
    return f"{words or 'Nothing was met'}."
