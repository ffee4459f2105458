"""What `goq sub` lets a job have: --time, --signal before it is up, --mem."""

import signal

import click

from goq.commands.parameters import Whole, to_signal
from goq.core.values.quantities import BadQuantity, duration_s, size_bytes
from goq.core.values.room import OWN_NAMES
from goq.core.values.terms import AMOUNTS_LIMIT, is_label
from goq.errors import BadCommand

LEAST_BYTES = 1 << 20
_DIGITS = 16
_NO_WARNINGS = (signal.SIGKILL, signal.SIGSTOP)
_NOTHING = "Nothing was queued."

LIMIT_OPTIONS = (
    click.option(
        "--time",
        "time_limit",
        metavar="D",
        help="End it after D, such as 90 (seconds), 0.5s, 1h30m, 2d, 1:30:00.",
    ),
    click.option(
        "--signal",
        "warning",
        metavar="NAME@D",
        help="Warn what of it handles that signal D before its --time is up, such as USR1@60.",
    ),
    click.option(
        "--mem",
        "memory",
        metavar="SIZE",
        help="End it when it has more memory: 512M, 4G, 1.5GiB; a bare number is MiB, as for Slurm.",
    ),
)


NEED_OPTIONS = (
    click.option(
        "-c",
        "--cpus",
        type=Whole(1, 4096, 4),
        default=1,
        metavar="N",
        help="Cpus that it needs; else 1.",
    ),
    click.option("--gpus", type=Whole(0, 256, 1), default=0, metavar="N", help="GPUs that it needs."),
    click.option("--pin", is_flag=True, help="Run it on cpus that no other pinned job of the host has."),
    click.option(
        "--resource",
        "resources",
        multiple=True,
        metavar="NAME[=N]",
        help="N of what workers offer so; several.",
    ),
    click.option(
        "--license", "licenses", multiple=True, metavar="NAME[=N]", help="N of the cluster's, see goq limit."
    ),
)


def amounts_of(option: str, words: tuple[str, ...]) -> tuple[tuple[str, int], ...]:
    """Names with their amounts, NAME for one, in order. Raises BadCommand."""
    amounts: dict[str, int] = {}
    for word in words:
        name, equals, number = word.partition("=")
        amount = number if equals else "1"
        if not is_label(name) or name in OWN_NAMES:
            raise BadCommand(
                f"{option}: '{name}' is no name for that; {option} scratch=2 is right. {_NOTHING}"
            )
        if not (amount.isascii() and amount.isdecimal() and len(amount) < _DIGITS and int(amount) > 0):
            raise BadCommand(
                f"{option}: '{word}' has no number above 0; {option} {name}=2 is right. {_NOTHING}"
            )
        amounts[name] = amounts.get(name, 0) + int(amount)
    if len(amounts) > AMOUNTS_LIMIT:
        raise BadCommand(f"{option}: {AMOUNTS_LIMIT} of them at most. {_NOTHING}")
    return tuple(sorted(amounts.items()))


def seconds_of(option: str, word: str) -> float:
    """A duration that is not 0. Raises BadCommand."""
    try:
        seconds = duration_s(word)
    except BadQuantity as error:
        raise BadCommand(f"{option}: {error}. {_NOTHING}") from error
    if not seconds:
        raise BadCommand(f"{option}: '{word}' is no time at all; {option} 1h30m is right. {_NOTHING}")
    return seconds


def memory_of(word: str) -> int:
    """Bytes. Raises BadCommand."""
    try:
        size = size_bytes(word)
    except BadQuantity as error:
        raise BadCommand(f"--mem: {error}. {_NOTHING}") from error
    if size < LEAST_BYTES:
        raise BadCommand(
            f"--mem: '{word}' is less than 1 MiB, in which nothing runs; --mem 512M is right. {_NOTHING}"
        )
    return size


def warning_of(word: str, limit_s: float) -> tuple[int, float]:
    """The signal, and how many seconds before the end of a job with that limit. Raises BadCommand."""
    name, at, before = word.rpartition("@")
    if not at:
        raise BadCommand(
            f"--signal: '{word}' does not say how long before the end; --signal USR1@60 is right. {_NOTHING}"
        )
    try:
        number = to_signal(None, None, name) or 0
    except click.BadParameter as error:
        raise BadCommand(f"--signal: {error.message}. {_NOTHING}") from error
    if number in _NO_WARNINGS:
        raise BadCommand(f"--signal: no job can hear {name}; --signal USR1@60 is right. {_NOTHING}")
    before_s = seconds_of("--signal", before)
    if not limit_s:
        raise BadCommand(f"--signal {word} needs --time, before whose end it is sent. {_NOTHING}")
    if before_s >= limit_s:
        raise BadCommand(f"--signal {word} would come before the job has begun, by its --time. {_NOTHING}")
    return number, before_s
