"""Fields that many tables have, as people see them and as a pipe has them: without signs, times in ISO 8601. Pure."""

from goq.views.clocks import iso
from goq.views.lines import line
from goq.views.numbers import percent
from goq.views.paper import Paper
from goq.views.signs import Sign
from goq.views.strips import Counts, ended, how_many, strip
from goq.views.tables import Cell

LONG, SHORT = 20, 10  # cells of a strip


def sign_field(sign: Sign) -> Cell:
    """In which state something is; in a pipe its word alone."""
    return Cell(sign.line, sign.word)


def moment_field(shown: str, at_ns: int) -> Cell:
    """A duration or a clock; in a pipe the moment that it is told from."""
    return Cell(line(shown), iso(at_ns))


def strip_field(counts: Counts, paper: Paper) -> Cell:
    """How far an array is: `━━━━━✗▸···  64 %`, the strip longer on wide paper; in a pipe how much has ended."""
    part = percent(ended(counts), how_many(counts))
    short = line(strip(counts, SHORT), f" {part:>5}")
    return Cell(line(strip(counts, LONG), f" {part:>5}") if paper.is_wide else short, part, short)
