"""Who may do what, and with whose jobs. Pure; nothing else decides that.

Whoever holds the cluster id may do everything. A user submits, sees what there is, and does what he wants with
his own jobs. A node asks for work, and reports.
"""

from enum import StrEnum

from goq.core.values.who import Role, Who

HEAD = "ask whoever runs the cluster"


class Deed(StrEnum):
    """What somebody wants to do."""

    SUBMIT = "submit"
    CHANGE = "change jobs"  # his own
    SEE = "look"  # at the names, states, resources and machines of all jobs
    READ = "read"  # what a job was given, and what it writes: his own
    GREET = "ask who is there"
    WORK = "work"  # ask for jobs, and report what became of them
    DRAIN = "drain itself"  # of a node that does not find itself well
    RULE = "run the cluster"  # limits, keys, counters, workers, the server's end


_RIGHTS: dict[Role, frozenset[Deed]] = {
    Role.ADMINISTRATOR: frozenset(Deed),
    Role.USER: frozenset({Deed.SUBMIT, Deed.CHANGE, Deed.SEE, Deed.READ, Deed.GREET, Deed.WORK}),
    Role.NODE: frozenset({Deed.GREET, Deed.WORK, Deed.DRAIN}),
}
_LEFT = frozenset({Deed.GREET, Deed.WORK})  # with a key that counts no more: what runs may come to its end


def may(who: Who, deed: Deed) -> bool:
    """They may do that, with what is theirs."""
    return deed in _RIGHTS[who.role] and (not who.is_retired or deed in _LEFT)


def refusal(who: Who, deed: Deed) -> str:
    """Why they may not do that, for a person; "" when they may."""
    if may(who, deed):
        return ""
    if who.is_retired:
        return (
            f"the key of {who.role} '{who.name}' counts no more: it was renewed, or its holder removed;"
            f" {HEAD} for a token, for 'goq init --join'"
        )
    return f"{who.role} '{who.name}' may not {_WORDS[deed]}; {HEAD}"


_WORDS: dict[Deed, str] = {
    Deed.SUBMIT: "submit jobs",
    Deed.CHANGE: "change jobs",
    Deed.SEE: "look at the queue",
    Deed.READ: "read outputs",
    Deed.GREET: "ask who is there",
    Deed.WORK: "run jobs",
    Deed.DRAIN: "drain a machine",
    Deed.RULE: "do that: it takes the cluster id",
}


def may_change(who: Who, owner: str) -> bool:
    """They may do what they want with that owner's jobs."""
    return may(who, Deed.CHANGE) and (who.is_administrator or who.name == owner)


def may_read(who: Who, owner: str, *, is_open: bool = False) -> bool:
    """They may see arguments, environment and output of that owner's jobs; where it `is_open`, everybody who may see them."""
    return may(who, Deed.READ) and (is_open or who.is_administrator or who.name == owner)


def may_run(who: Who, owner: str) -> bool:
    """They may be given that owner's jobs, and report of them."""
    return may(who, Deed.WORK) and (who.role != Role.USER or who.name == owner)


def not_yours(who: Who, job: str, owner: str) -> str:
    """Why they may not change that job, for a person."""
    return f"job {job} is {owner}'s, and {who.name} may change {who.name}'s own only; nothing was changed"
