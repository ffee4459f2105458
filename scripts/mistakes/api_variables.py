"""Mistakes in api/variables.py."""

from mistakes.fault import Fault

FILE = "api/variables.py"
FAULTS = [
    Fault(
        "a clean environment is as full as any",
        FILE,
        "if sending.is_clean and not _is_bare(name):",
        "if False:",
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
        "what is never sent is",
        FILE,
        "for name, value in ours.items() if _is_sent(name, sending)}",
        "for name, value in ours.items()}",
    ),
    Fault(
        "a pattern is met by capitals alone",
        FILE,
        "os.fsdecode(name), re.IGNORECASE)",
        "os.fsdecode(name))",
    ),
    Fault(
        "a pattern is met anywhere in a name",
        FILE,
        "re.match(translate(pattern),",
        "re.match(translate(pattern + '*'),",
    ),
    Fault(
        "a setting is stronger than what is said",
        FILE,
        "    if is_clean is not None:\n",
        "    if is_clean:\n",
    ),
    Fault(
        "the secret may be given by hand",
        FILE,
        "if tells_secret(secret, name, value):",
        "if tells_secret(secret, name, b''):",
    ),
]
