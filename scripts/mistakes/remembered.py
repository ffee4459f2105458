"""Mistakes in adapters/remembered.py."""

from mistakes.fault import Fault

FILE = "adapters/remembered.py"
FAULTS = [
    Fault(
        "a guess is remembered as an order",
        FILE,
        "*([_GUESSED] if server.guessed else [])",
        "*([_GUESSED] if False else [])",
    ),
    Fault(
        "what is near is not remembered",
        FILE,
        'lines += [f"{_LOOPBACK} {server.machine}"] if server.machine else []',
        "lines += []",
    ),
    Fault(
        "any port will do",
        FILE,
        "and int(port) in _PORTS",
        "and port",
    ),
    Fault(
        "the queue is not remembered",
        FILE,
        "_lines_of(server.served) if server.served else []",
        "[]",
    ),
    Fault(
        "nonsense about the queue stops everybody",
        FILE,
        "except (KeyError, ValueError):",
        "except KeyError:",
    ),
]
