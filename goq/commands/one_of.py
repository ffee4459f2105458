"""One of a few words."""

from collections.abc import Sequence
from typing import Any

import click


class OneOf(click.Choice[str]):
    """One of these words; who types another is told which he may have meant. Fails with UsageError."""

    def __init__(self, words: Sequence[str]) -> None:
        super().__init__(words)
        self._words = words

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The word. Raises UsageError."""
        if value in self._words:
            return str(value)
        from goq.commands.suggestions import meant_among  # noqa: PLC0415 - who types well needs none

        path = ctx.command_path if ctx else "that"
        name = param.opts[0] if isinstance(param, click.Option) else path
        raise click.UsageError(f"{name} takes {meant_among(str(value), self._words)}", ctx)
