"""What `goq sub` says of jobs that end badly: --retries, --backoff, lists of exit statuses, --max-fails."""

import click

from goq.commands.parameters import Whole
from goq.core.values.codes import BadCodes, codes_of
from goq.core.values.quantities import BadQuantity, duration_s
from goq.core.values.terms import DEFAULT_TERMS, LONGEST_BACKOFF_S, RETRIES_LIMIT
from goq.errors import BadCommand

_NOTHING = "Nothing was queued."

RETRY_OPTIONS = (
    click.option(
        "--retries",
        type=Whole(0, RETRIES_LIMIT, 3),
        default=0,
        metavar="N",
        help="When it ends badly, try it again, N times at most.",
    ),
    click.option(
        "--backoff",
        metavar="D",
        help="Wait D before that, then twice as long each time; else 1s, at most 1h.",
    ),
    click.option("--retry-on", metavar="CODES", help="Of exit statuses try only these again, as 1,5-7,143."),
    click.option("--rerun-codes", metavar="CODES", help="Run it again on these, which count as no failure."),
    click.option("--hold-on", metavar="CODES", help="On these it waits until somebody releases it."),
    click.option(
        "--max-fails",
        type=Whole(1, None, 10),
        metavar="N",
        help="When N of its tasks have failed, cancel those that wait.",
    ),
)


def backoff_of(word: str | None) -> float:
    """Seconds before the second attempt. Raises BadCommand."""
    if word is None:
        return DEFAULT_TERMS.backoff_s
    try:
        seconds = duration_s(word)
    except BadQuantity as error:
        raise BadCommand(f"--backoff: {error}. {_NOTHING}") from error
    if seconds > LONGEST_BACKOFF_S:
        raise BadCommand(
            f"--backoff: '{word}' is more than an hour, the longest; --backoff 30s is right. {_NOTHING}"
        )
    return seconds


def codes_in(option: str, word: str | None) -> tuple[int, ...]:
    """Exit statuses; none for None. Raises BadCommand."""
    try:
        return codes_of(word) if word is not None else ()
    except BadCodes as error:
        raise BadCommand(f"{option}: {error}. {_NOTHING}") from error
