"""`goq completion`."""

import os

import click

from goq.commands.one_of import OneOf
from goq.errors import BadCommand

SHELLS = ("bash", "zsh", "fish")


@click.command("completion")
@click.argument("shell", required=False, type=OneOf(SHELLS), metavar="[bash|zsh|fish]")
def command(shell: str | None) -> None:
    """Print what makes a shell complete goq: commands, options, values, and from the server the
    numbers, names, tags and users of jobs, and machines. Without a word it is for the shell of SHELL.

    Where no server answers within 0.15 s, nothing is said of those. Names that a shell would take for more
    than a word are left out.

    \b
    Put into ~/.bashrc, ~/.zshrc or ~/.config/fish/config.fish, in that order:
      eval "$(goq completion bash)"
      eval "$(goq completion zsh)"
      goq completion fish | source

    \b
    Examples:
      eval "$(goq completion bash)"   in this shell, at once
      goq completion fish > ~/.config/fish/completions/goq.fish
    """
    from goq.commands.shells import SOURCES  # noqa: PLC0415 - which loads more than help needs

    name = shell or os.path.basename(os.environ.get("SHELL", ""))
    if name not in SOURCES:
        raise BadCommand(f"for which shell? Say: goq completion {'|'.join(SHELLS)}")
    click.echo(SOURCES[name], nl=False)
