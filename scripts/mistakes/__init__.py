"""The mistakes that `make mutants` plants: each is one that somebody could make; a file for each room."""

from importlib import import_module
from pkgutil import iter_modules

from mistakes.fault import Fault

_ROOMS = [import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__)]

FAULTS: list[Fault] = [
    fault for room in sorted(_ROOMS, key=lambda room: room.__name__) for fault in getattr(room, "FAULTS", ())
]

__all__ = ["FAULTS", "Fault"]
