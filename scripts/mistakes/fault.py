"""What a planted mistake is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """A mistake that somebody could make: `old` in a file of goq becomes `new`."""

    name: str
    file: str
    old: str
    new: str
