"""Mistakes in api/variables.py."""

from mistakes.fault import Fault

FILE = "api/variables.py"
FAULTS = [
    Fault(
        "a clean environment is as full as any",
        FILE,
        "if not is_clean or _is_bare(name)",
        "if is_clean or True",
    ),
    Fault(
        "whatever begins with LC is of the language",
        FILE,
        'name.startswith(b"LC_")',
        'name.startswith(b"LC")',
    ),
    Fault(
        "what is set here alone cannot be kept in a clean environment",
        FILE,
        "not equals and name not in ours",
        "not equals and name not in chosen",
    ),
    Fault(
        "a variable that is not set is passed over",
        FILE,
        "if not equals and name not in ours:",
        "if not equals and name not in ours and not name:",
    ),
    Fault(
        "a value ends at its first equals sign",
        FILE,
        '.partition(b"=")',
        '.rpartition(b"=")',
    ),
    Fault(
        "the secret may be given by hand",
        FILE,
        "if tells_secret(secret, name, value):",
        "if tells_secret(secret, name, b''):",
    ),
]
