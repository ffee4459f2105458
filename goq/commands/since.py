"""How far back words mean what has ended."""

import click

from goq.core.messages.again import HOUR_S
from goq.core.values.quantities import BadQuantity, duration_s
from goq.errors import BadCommand

since_option = click.option(
    "--since", metavar="D", help="Words mean what has ended within D, as 2d; else within the last hour."
)


def seconds_since(word: str | None) -> float:
    """Raises BadCommand for what is no duration."""
    if word is None:
        return HOUR_S
    try:
        return duration_s(word)
    except BadQuantity as error:
        raise BadCommand(f"--since: {error}") from error
