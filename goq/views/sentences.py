"""The one table of sentences for why jobs wait: short ones of 28 letters, the telling word first, and long ones. Pure.

A short one ends in what may be cut. A long one goes on from what the job is called: "14252 assembly ...".
"""

from collections.abc import Callable
from typing import NamedTuple

from goq.core.values.ids import JobId
from goq.core.values.limit_names import ALL, ARRAY, TAG, USER
from goq.core.values.ranges import span
from goq.core.values.reasons import PLACES, Lack, Reason
from goq.core.values.room import CPUS, ENDLESS, GPUS, KEYED, MEMORY, MIB, OUTLIVES, PINNED, TIME, Need
from goq.views.clocks import clock
from goq.views.numbers import count, duration, size
from goq.views.paper import Paper

NS = 10**9
_ENDS = {"any": "end", "ok": "end well", "fail": "fail"}


class Named(NamedTuple):
    """What a job is called in sentences, whose it is, and of an array how many tasks wait."""

    id: str
    name: str = ""
    owner: str = ""
    tasks: int = 0

    @property
    def called(self) -> str:
        """`14252 assembly`."""
        return f"{self.id} {self.name}" if self.name else self.id


class Words(NamedTuple):
    """A reason in words: short, and as the rest of a sentence; `command` is one that helps."""

    short: str
    long: str
    command: str = ""


def sentence_of(reason: Reason, named: Named, paper: Paper) -> str:
    """The whole sentence, about what is called so."""
    long = words_of(reason, named, paper).long
    return f"{named.called}{'' if long.startswith(':') else ' '}{long}."


def words_of(reason: Reason, named: Named, paper: Paper) -> Words:
    """The reason of that job, read now."""
    return _WORDS[reason.code](reason, named, paper)


def _held(reason: Reason, named: Named, paper: Paper) -> Words:
    hold = reason.hold
    by = f" by {hold.by}" if hold and hold.by else ""
    since = f" since {clock(hold.since_ns, paper)}" if hold and hold.since_ns else ""
    why = f": {hold.why}" if hold and hold.why else ""
    short = by.strip() or (hold.why if hold and hold.why else "held")
    return Words(short, f"is held{by}{since}{why}", f"goq release {named.id}")


def _until(reason: Reason, _named: Named, paper: Paper) -> Words:
    at = clock(reason.until_ns, paper)
    return Words(f"not before {at}", f"starts at {at}, in {_left(reason, paper)}")


def _retry(reason: Reason, named: Named, paper: Paper) -> Words:
    again, left, hurry = reason.again, _left(reason, paper), f"goq alter {named.id} --at now"
    if again is None:
        return Words(f"again in {left}", f"tries again in {left}", hurry)
    of = f" of {again.retries + 1}" if again.retries >= again.attempts else ""
    how = f"ended with status {again.status}" if again.status is not None else "did not end well"
    used = f"; {again.failed} of {again.retries} retries are used" if again.retries else ""
    return Words(
        f"again in {left}, try {again.attempts + 1}{of}",
        f"tries again in {left}: attempt {again.attempts} {how}{used}",
        hurry,
    )


def _after(reason: Reason, _named: Named, _paper: Paper) -> Words:
    ends, which = _ENDS[reason.when], _ranges(reason)
    if reason.name and reason.jobs:
        which = f"{reason.jobs[0][0]} {reason.name}"
    if reason.total == 1:
        return Words(f"after {_first(which)} to {ends}", f"is behind {which}, which has still to {ends}")
    left = count(reason.left)
    return Words(
        f"after {_first(which)}: {left} to {ends}",
        f"is behind {which}: {left} of {count(reason.total)} have still to {ends}",
    )


def _delivery(reason: Reason, _named: Named, _paper: Paper) -> Words:
    if reason.left:
        lines = f"{count(reason.left)} lines are missing"
        return Words(f"comes: {lines}", f"is not all here: {lines}")
    return Words("its program is on its way", "is not all here: what it reads is still on its way")


def _no_workers(_reason: Reason, _named: Named, _paper: Paper) -> Words:
    return Words("no worker is there", "waits: no worker is there", "goq work forever")


def _nowhere(reason: Reason, _named: Named, _paper: Paper) -> Words:
    lack = reason.lack
    if lack is None:
        need = need_words(reason.need)
        return Words(
            f"no machine has all: {need}", f"can run nowhere: it needs {need}, and no machine has all of that"
        )
    if lack.name == TIME:
        return _short_lives(lack)
    what = amount(lack.name, lack.needs)
    where = f" ({', '.join(lack.hosts)})" if lack.hosts and lack.most else ""
    most = f"more than {amount_alone(lack.name, lack.most)}{where}" if lack.most else "any"
    return Words(f"no machine has {what}", f"can run nowhere: it asks {what}, no machine has {most}")


def _short_lives(lack: Lack) -> Words:
    if lack.needs >= ENDLESS:
        long = f"can run nowhere: it outlived {OUTLIVES} workers, and needs one without an end"
        return Words("needs a worker without end", long)
    asks, most = duration(lack.needs), duration(max(0, lack.most))
    return Words(
        f"no worker lives {asks} yet",
        f"can run nowhere: it may run for {asks}, and the last worker ends in {most}",
    )


def _limit(reason: Reason, named: Named, _paper: Paper) -> Words:
    limit = reason.limit
    if limit is None:
        return Words("a limit", "waits for a limit")
    kind, what = _kind(limit.name)
    if kind == ARRAY and not limit.is_closed:
        tasks = f"{count(named.tasks)} tasks wait, it" if named.tasks else "it"
        return Words(
            f"runs {limit.amount} at once",
            f": {tasks} runs {limit.amount} at once, as asked (%{limit.amount})",
            f"goq limit array:{what} {2 * limit.amount}",
        )
    whose = f"the limit of {_limit_words(kind, what, limit.name)}"
    if limit.is_closed:
        long = f"cannot run: {whose} is {count(limit.amount)}, and it needs {count(limit.needs)}"
        return Words(f"limit {limit.name} is {limit.amount}", long, "goq limit")
    used = f"{count(limit.drawn)} of {count(limit.amount)}"
    return Words(f"limit {limit.name}: {used} used", f"waits: of {whose}, {used} are in use", "goq limit")


def _kind(name: str) -> tuple[str, str]:
    """What kind of limit it is, and of what."""
    kind = next((kind for kind in (USER, TAG, ARRAY) if name.startswith(kind)), "")
    return kind, name.removeprefix(kind)


def _limit_words(kind: str, what: str, name: str) -> str:
    if kind == USER:
        return f"{what}'s cpus"
    if kind in (TAG, ARRAY):
        return f"jobs at once of {'tag ' if kind == TAG else ''}{what}"
    return "jobs at once" if name == ALL else name


def _outputs(reason: Reason, _named: Named, _paper: Paper) -> Words:
    return Words(
        f"no room for {reason.owner}'s outputs",
        f"waits until there is room for what it writes: the folder for {reason.owner}'s outputs takes none",
        "goq stat",
    )


def _node(reason: Reason, _named: Named, _paper: Paper) -> Words:
    where = ", ".join(reason.hosts)
    return Words(
        f"{where}: {reason.trouble}", f"may go to no machine that could run it: {where}: {reason.trouble}"
    )


def _room(reason: Reason, named: Named, _paper: Paper) -> Words:
    lack = reason.lack
    if lack is None:
        return Words("no room", "waits for room")
    is_next = f"; next is {_who(reason, named)}" if reason.jobs else ""
    if lack.name == PLACES:
        return Words("a free place: all are busy", f"waits its turn: all places are busy{is_next}")
    if lack.busy and lack.needs == 1:
        free = f"a free {_one(lack.name)}"
        busy = f"all {amount(lack.name, lack.total)} are busy" if lack.total else "all are busy"
        few = f"all {lack.total}" if lack.name == GPUS and lack.total else "all"
        return Words(f"{free}: {few} are busy", f"waits its turn: {busy}{is_next}")
    what, host = amount(lack.name, lack.needs), lack.hosts[0] if lack.hosts else "one"
    short = f"needs {what}; {host} has {amount_alone(lack.name, lack.most)}"
    need = f"waits for room: it needs {need_words(reason.need)} in one machine"
    if reason.hosts:
        missing = lack.needs - lack.most
        keeper = f"{reason.hosts[0]} keeps room for it"
        more = f"{amount_alone(lack.name, missing)} more {_many(lack.name)} must come free there"
        return Words(short, f"{need}. {keeper}; {more}")
    return Words(short, f"{need}. {host} has {amount(lack.name, lack.most)} free{is_next}")


def _kept(reason: Reason, _named: Named, _paper: Paper) -> Words:
    job, host = reason.jobs[0][0] if reason.jobs else JobId(0), ", ".join(reason.hosts)
    return Words(f"room on {host} is kept for {job}", f"waits its turn: room on {host} is kept for {job}")


def _turn(reason: Reason, named: Named, _paper: Paper) -> Words:
    if reason.jobs:
        who = _who(reason, named)
        return Words(f"its turn: next is {who}", f"waits its turn: next is {who}")
    return Words("is next", "is next: a place must ask for it")


def _removed(_reason: Reason, _named: Named, _paper: Paper) -> Words:
    return Words("about to end", "is about to end")


def _changing(_reason: Reason, _named: Named, _paper: Paper) -> Words:
    return Words("being changed", "is being changed just now, with many others")


_WORDS: dict[str, Callable[[Reason, Named, Paper], Words]] = {
    "removed": _removed,
    "changing": _changing,
    "delivery": _delivery,
    "held": _held,
    "no_workers": _no_workers,
    "nowhere": _nowhere,
    "after": _after,
    "until": _until,
    "retry": _retry,
    "limit": _limit,
    "outputs": _outputs,
    "node": _node,
    "room": _room,
    "kept": _kept,
    "turn": _turn,
}


# --- amounts -----------------------------------------------------------------------------------


def need_words(need: Need) -> str:
    """`48 cpus and 400 GiB`."""
    parts = [amount(name, much) for name, much in need if name != KEYED and (name != TIME or much < ENDLESS)]
    *others, last = parts or ["nothing"]
    return f"{', '.join(others)} and {last}" if others else last


def amount(name: str, much: int) -> str:
    """`48 cpus`, `400 GiB`, `2h 04m`, `1 gpu`, `3 matlab`."""
    if name in (MEMORY, TIME):
        return amount_alone(name, much)
    if name == PINNED:
        return f"{_plural(much, 'cpu')} of its own"
    return _plural(much, _one(name)) if name in (CPUS, GPUS, PLACES) else f"{count(much)} {name}"


def amount_alone(name: str, much: int) -> str:
    """The same without what it is of, where that is clear."""
    if name == MEMORY:
        return size(much * MIB)
    return duration(much) if name == TIME else count(much)


def _plural(much: int, one: str) -> str:
    return f"{count(much)} {one}{'' if much == 1 else 's'}"


def _one(name: str) -> str:
    return {CPUS: "cpu", GPUS: "gpu", PLACES: "place", PINNED: "cpu of its own"}.get(name, name)


def _many(name: str) -> str:
    return {MEMORY: "", TIME: "", PINNED: "cpus"}.get(name, name)


def _first(which: str) -> str:
    return which.partition(" ")[0]


def _who(reason: Reason, named: Named) -> str:
    """Whose turn it is, or which job's where they are the same person's."""
    return reason.owner if reason.owner != named.owner else str(reason.jobs[0][0])


def _ranges(reason: Reason) -> str:
    if not reason.jobs:
        return "others"
    return span(reason.jobs[0][0], reason.jobs[-1][1] - 1)


def _left(reason: Reason, paper: Paper) -> str:
    return duration(max(0.0, (reason.until_ns - paper.now_ns) / NS))
