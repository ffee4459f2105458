"""What `goq sub` has outputs called: --out, and --err for the errors apart."""

import os

import click

from goq.core.values.named import check_names
from goq.core.values.templates import BadTemplate
from goq.core.values.terms import PATH_LIMIT, Terms
from goq.errors import BadCommand

OUTPUT_OPTIONS = (
    click.option(
        "-o",
        "--out",
        "out",
        metavar="TEMPLATE",
        help="Call its output so, with {id} {array} {task} {name} {user} {host} {attempt}.",
    ),
    click.option("--err", "err", metavar="TEMPLATE", help="Put its errors apart, into that file."),
)


def template_of(option: str, text: str | None) -> str:
    """What was said, as it can travel; "" when nothing was. Raises BadCommand."""
    if text is None:
        return ""
    if not text or len(text) > PATH_LIMIT or os.fsencode(text) != text.encode("utf-8", "replace"):
        raise BadCommand(
            f"{option} takes a name of 1 to {PATH_LIMIT} characters in UTF-8; {option} logs/{{id}}.out is right."
            " Nothing was queued."
        )
    return text


def check_outputs(terms: Terms, count: int) -> None:
    """Raises BadCommand unless so many jobs may have the outputs that the terms name."""
    try:
        check_names(terms, count)
    except BadTemplate as error:
        raise BadCommand(f"{error}. Nothing was queued.") from error
