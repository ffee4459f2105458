"""Which jobs a program means: numbers, words as in a shell, ranges of numbers, or jobs that it has."""

import os
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol, TypeVar, runtime_checkable

from goq.adapters.machine import shown_host
from goq.core.values.limit_names import NODE, BadLimit, check_limit
from goq.core.values.selectors import PARTS_LIMIT, BadSelector, Selector, selector_of
from goq.core.values.text import show_text
from goq.errors import BadCommand

T = TypeVar("T")


@runtime_checkable
class Means(Protocol):
    """Somebody who means jobs: a Job, or Jobs."""

    @property
    def selectors(self) -> tuple[Selector, ...]:
        """Which, so many as a message takes in each."""
        ...


Which = int | str | range | Means


def selectors_of(
    which: Iterable[Which], states: str | Iterable[str] = (), user: str = ""
) -> tuple[Selector, ...]:
    """The jobs that are meant, so many as a message takes in each. Raises BadCommand, also for none at all."""
    words: list[str] = []
    found: list[Selector] = []
    for each in which:
        if isinstance(each, Means):
            found += each.selectors
        else:
            words += _words_of(each)
    narrow = [states] if isinstance(states, str) and states else list(states)
    if found and (narrow or user):
        raise BadCommand(
            "jobs that one has are narrowed by no state and no user; name them by words, as 12 or fold"
        )
    if not (words or found or narrow or user):
        raise BadCommand("no jobs are named; say 12, '12-20', '12.3-7', a name, 'tag:T' or 'user:U'")
    some = bundles(words, PARTS_LIMIT) if words else [] if found else [()]
    try:
        return (*found, *(selector_of(each, narrow, user) for each in some))
    except BadSelector as error:
        raise BadCommand(str(error)) from error


def bundles(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Pieces that a message takes."""
    return (items[at : at + size] for at in range(0, len(items), size))


def _words_of(which: int | str | range) -> Iterator[str]:
    match which:
        case range() if which.step == 1:
            if which:
                yield f"{which[0]}-{which[-1]}"
        case range():
            yield from map(str, which)
        case _:
            yield str(which)


def limit_name(name: str, amount: int | None) -> str:
    """The name of a limit as the server knows it; of a host as it calls itself or as it is shown. Raises BadCommand."""
    if name.startswith(NODE):
        name = f"{NODE}{shown_host(os.fsencode(name.removeprefix(NODE)))}"
    try:
        check_limit(name, amount)
    except BadLimit as error:
        raise BadCommand(str(error)) from error
    return name


def limit_of_host(host: str) -> str:
    """The name of the limit that 'goq drain' sets, of a host as it calls itself or as it is shown. Raises BadCommand."""
    try:
        return limit_name(f"{NODE}{host}", 0)
    except BadCommand as error:
        raise BadCommand(
            f"'{show_text(os.fsencode(host))}' is no host; 'goq workers' shows their names"
        ) from error
