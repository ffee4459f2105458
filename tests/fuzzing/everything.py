"""All that is fuzzed, by the names that `make fuzz` knows."""

from collections.abc import Callable

from fuzzing.people import people
from fuzzing.targets import dialogue, frame

TARGETS: dict[str, Callable[[bytes], None]] = {"frame": frame, "dialogue": dialogue, "people": people}
