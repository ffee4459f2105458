"""What commands that run on have in common: how they speak, and where to."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

from goq.adapters.files.log import LogFile, StandardOutput
from goq.roles.said.narration import Narrator, Voice

_Command = TypeVar("_Command", bound=Callable[..., object])


def log_options(command: _Command) -> _Command:
    """Adds --log-json and --log-file."""
    as_json = click.option("--log-json", is_flag=True, help="One JSON object a line, instead of text.")
    to_file = click.option(
        "--log-file",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="Append to FILE instead of standard output; opened again when it was renamed or removed.",
    )
    return as_json(to_file(command))


def narrator_to(file: Path | None, voice: Voice) -> Narrator:
    """Speaks to the file, or to the standard output. Raises BadSetting when that cannot be written."""
    return Narrator(voice, LogFile(file) if file else StandardOutput())
