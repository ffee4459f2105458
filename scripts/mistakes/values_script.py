"""Mistakes in core/values/script.py."""

from mistakes.fault import Fault

FILE = "core/values/script.py"
FAULTS = [
    Fault(
        "the name of a script is its first argument",
        FILE,
        "*split_argv(argv)[1:]",
        "*split_argv(argv)",
    ),
    Fault(
        "an interpreter has as many arguments as it likes",
        FILE,
        ".split(None, 1)",
        ".split()",
    ),
    Fault(
        "a first line that names nobody stops a script",
        FILE,
        ".split(None, 1) or _DEFAULT_INTERPRETER",
        ".split(None, 1)",
    ),
    Fault(
        "any line may name the interpreter",
        FILE,
        'if not line.startswith(b"#!"):',
        'if b"#!" not in line:',
    ),
]
