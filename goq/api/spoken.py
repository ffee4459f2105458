"""What programs may say as numbers, or in the words of people."""

import signal

from goq.core.values.quantities import duration_s
from goq.errors import BadCommand

Duration = float | str  # seconds, or text as 1h30m


def seconds_of(value: Duration) -> float:
    """Raises BadQuantity for text that is no duration."""
    return duration_s(value) if isinstance(value, str) else float(value)


def signal_of(word: str) -> int:
    """A signal by name, with or without SIG, or by number. Raises BadCommand."""
    name = word.upper()
    try:
        if name.isdecimal():
            return signal.Signals(int(name)).value
        return signal.Signals[name if name.startswith("SIG") else f"SIG{name}"].value
    except (KeyError, ValueError) as error:
        raise BadCommand(f"'{word}' is no signal; 'kill -l' shows their names") from error
