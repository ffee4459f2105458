"""What a program may ask for of jobs: the options of `goq sub`, as keywords.

Durations are seconds, or text as 90, 1h30m and 2d; sizes are bytes, or text as 512M and 4G; moments are seconds since 1970,
or text as 18:30 and "tomorrow 9:00".
"""

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypedDict

from goq.api.naming import Means, Which, selectors_of
from goq.api.spoken import Duration, seconds_of, signal_of
from goq.core.values.codes import BadCodes, codes_of
from goq.core.values.moments import NS, BadMoment, moment_ns
from goq.core.values.quantities import BadQuantity, size_bytes
from goq.core.values.terms import BadTerms, Terms, When, read_terms, terms_text
from goq.core.values.wishes import WISHES_LIMIT, Wish
from goq.errors import BadCommand

Size = int | str
Codes = Iterable[int] | str
Amounts = Mapping[str, int]


class TermOptions(TypedDict, total=False):
    """What one may ask for of jobs, at their submission and later."""

    name: str  # what people call it by
    tags: Iterable[str]  # what marks it, as tag:T
    group: str  # a unix group of the server's machine, whose members may read what it writes
    priority: int  # -1000 to 1000; higher ones go first
    cpus: int  # that it needs; else 1
    gpus: int  # that it needs
    pin: bool  # run it on cpus that no other pinned job of the host has
    memory: Size  # it is ended when all its processes together have more
    resources: Amounts  # of what workers offer
    licenses: Amounts  # of the cluster's, see `Client.limit`
    time_limit: Duration  # it is ended when it has run for so long
    warning: str  # "USR1@60": that signal, so long before its time is up
    retries: int  # so often it is tried again when it ends badly
    backoff: Duration  # before the first time, then twice as long each time
    retry_on: Codes  # only these exit statuses are tried again
    rerun_codes: Codes  # on these it is run again, which counts as nothing
    hold_on: Codes  # on these it waits until somebody releases it
    max_fails: int  # when so many of its tasks have failed, those that wait are cancelled
    stdin: str  # the file that it reads, seen from its folder
    out: str  # what its output is called, as "logs/{name}.{id}.out"
    err: str  # the same for its errors, which are with the output else
    at: float | str  # not before that moment
    delay: Duration  # not before so long from now


class AfterOptions(TypedDict, total=False):
    """Other jobs that it is to wait for."""

    after: Which | Iterable[Which]  # until they have ended
    after_ok: Which | Iterable[Which]  # and each of them well; else it is skipped
    after_fail: Which | Iterable[Which]  # and of each submission one of them badly; else it is skipped
    after_each: Which | Iterable[Which]  # task by task: its first waits for the first of that array
    after_each_ok: Which | Iterable[Which]  # the same, for a good end
    after_maybe: bool  # do not mind when there are no such jobs
    keep: bool  # hold it, instead of skipping it, when it can never run
    hold: bool  # let it wait until somebody releases it


class SetOptions(TermOptions, AfterOptions, total=False):
    """What may be said at a submission, also at one again."""

    requeue: bool  # False: never start it a second time, even if its worker is lost
    unique: str  # not while a job with that key waits or runs


class SubmitOptions(SetOptions, total=False):
    """What `Client.submit` takes beside the command and what it is done for."""

    shell: bool  # the command is one text, for bash -c
    folder: str  # where it runs, else the current one
    env: Mapping[str, str]  # variables beside those that are here
    clean_env: bool  # of those that are here only what any job needs, or all; else as the settings have it
    script: bytes | str  # the text of a script that is taken along; the command's words are its arguments
    input: bytes  # what it reads, up to 16 MiB


_WISHES: Mapping[str, tuple[When, bool]] = {
    "after": ("any", False),
    "after_ok": ("ok", False),
    "after_fail": ("fail", False),
    "after_each": ("any", True),
    "after_each_ok": ("ok", True),
}


def require_known(options: Mapping[str, Any], kind: type) -> None:
    """All of these are options of that kind. Raises TypeError."""
    for name in options:
        if name not in kind.__annotations__:
            raise TypeError(f"{name} is no option here; {', '.join(sorted(kind.__annotations__))} are")


def terms_of(options: Mapping[str, Any]) -> tuple[tuple[str, ...], Terms]:
    """The fields of the terms that these options set, and the terms that have them. Raises BadCommand."""
    fields: dict[str, Any] = {}
    for name, value in options.items():
        if name in _TERMS:
            field, convert = _TERMS[name]
            fields[field] = _converted(name, convert, value)
    if "warning" in options:
        fields["warn_signal"], fields["warn_s"] = _warning(options["warning"], fields.get("time_limit_s", 0))
    try:
        return tuple(fields), read_terms(terms_text(Terms(**fields)))
    except BadTerms as error:
        raise BadCommand(f"{error}; nothing was done") from error


def wishes_of(options: Mapping[str, Any]) -> tuple[Wish, ...]:
    """The jobs that it is to wait for. Raises BadCommand."""
    maybe = bool(options.get("after_maybe", False))
    wishes = tuple(
        Wish(selector, when, each, maybe)
        for name, (when, each) in _WISHES.items()
        if name in options
        for selector in selectors_of(_several(options[name]))
    )
    if len(wishes) > WISHES_LIMIT:
        raise BadCommand(f"{len(wishes)} things to wait for are more than {WISHES_LIMIT}; '12-20' is one")
    if maybe and not wishes:
        raise BadCommand("after_maybe needs something that may be, as after='fold'")
    return wishes


def moment_of(value: float | str) -> int:
    """In ns since 1970. Raises BadMoment for text that is none."""
    if isinstance(value, str):
        return moment_ns(value, time.time_ns(), lambda at_s: time.localtime(at_s).tm_gmtoff)
    return round(value * NS)


def _several(which: Which | Iterable[Which]) -> Iterable[Which]:
    """One, or several; jobs that one has are one, although they may be gone through."""
    return [which] if isinstance(which, int | str | range | Means) else which


def _converted(name: str, convert: Callable[[Any], Any], value: object) -> object:
    try:
        return convert(value)
    except (BadQuantity, BadMoment, BadCodes) as error:
        raise BadCommand(f"{name}: {error}; nothing was done") from error
    except (TypeError, ValueError) as error:
        raise BadCommand(f"{name}: {value!r} is not of its kind ({error}); nothing was done") from error


def _warning(word: str, limit_s: float) -> tuple[int, float]:
    name, at, before = word.rpartition("@")
    before_s = _converted("warning", seconds_of, before)
    if not (at and isinstance(before_s, float) and 0 < before_s < limit_s):
        raise BadCommand(
            f"warning: '{word}' does not say how long before the end of its time_limit; 'USR1@60' is right;"
            " nothing was done"
        )
    return signal_of(name), before_s


def _codes(value: Codes) -> tuple[int, ...]:
    return codes_of(value) if isinstance(value, str) else tuple(sorted({int(each) for each in value}))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("text is wanted")
    return value


def _amounts(value: Amounts) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(value.items()))


def _size(value: Size) -> int:
    return size_bytes(value) if isinstance(value, str) else int(value)


# The field of the terms that an option sets, and what makes it of what was said.
_TERMS: Mapping[str, tuple[str, Callable[[Any], Any]]] = {
    "name": ("name", _text),
    "tags": ("tags", lambda tags: tuple(dict.fromkeys([tags] if isinstance(tags, str) else tags))),
    "group": ("group", _text),
    "priority": ("priority", int),
    "cpus": ("cpus", int),
    "gpus": ("gpus", int),
    "pin": ("pin", bool),
    "memory": ("memory", _size),
    "resources": ("resources", _amounts),
    "licenses": ("licenses", _amounts),
    "time_limit": ("time_limit_s", seconds_of),
    "retries": ("retries", int),
    "backoff": ("backoff_s", seconds_of),
    "retry_on": ("retry_on", _codes),
    "rerun_codes": ("rerun_codes", _codes),
    "hold_on": ("hold_codes", _codes),
    "max_fails": ("max_fails", int),
    "stdin": ("stdin", _text),
    "out": ("out", _text),
    "err": ("err", _text),
    "at": ("not_before_ns", moment_of),
    "delay": ("not_before_ns", lambda delay: time.time_ns() + round(seconds_of(delay) * NS)),
    "keep": ("keep", bool),
    "hold": ("held", bool),
    "requeue": ("requeue", bool),
    "unique": ("unique", _text),
}
