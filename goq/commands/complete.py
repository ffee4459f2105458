"""What a parameter completes, named without loading what finds it: commands start fast, a shell may wait."""

import importlib
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

Complete = Callable[[click.Context, click.Parameter, str], "list[CompletionItem]"]


def _by(name: str) -> Complete:
    def complete(
        context: click.Context, parameter: click.Parameter, incomplete: str
    ) -> "list[CompletionItem]":
        find: Complete = getattr(importlib.import_module("goq.commands.completing"), name)
        return find(context, parameter, incomplete)

    return complete


jobs, numbers, tags, users = map(_by, ("jobs", "numbers", "tags", "users"))
machines, limits, states = map(_by, ("machines", "limits", "states"))
files, folders, commands = map(_by, ("files", "folders", "commands"))
