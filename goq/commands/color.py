"""`--color`, which every command takes."""

import click

from goq.commands.one_of import OneOf

AUTO, ALWAYS, NEVER = "auto", "always", "never"
WHEN = (AUTO, ALWAYS, NEVER)
_CHOSEN = "goq.color"  # its place in what click keeps of one run


def color_option(*, hidden: bool = True) -> click.Option:
    """The option; what is said last counts. The help of `goq` itself tells of it, once."""
    return click.Option(
        ["--color"],
        type=OneOf(WHEN),
        expose_value=False,
        callback=_choose,
        hidden=hidden,
        help="Colour: auto (on a terminal, without NO_COLOR), always or never.",
    )


def chosen_color() -> str:
    """What was chosen by the option; "" for nothing."""
    context = click.get_current_context(silent=True)
    return "" if context is None else str(context.meta.get(_CHOSEN, ""))


def _choose(context: click.Context, _parameter: click.Parameter, when: str | None) -> None:
    if when is not None:
        context.meta[_CHOSEN] = when  # one for all contexts of a run
        context.color = {ALWAYS: True, NEVER: False}.get(when)
