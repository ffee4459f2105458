"""Mistakes in adapters/machine.py."""

from mistakes.fault import Fault

FILE = "adapters/machine.py"
FAULTS = [
    Fault(
        "a name may be a path",
        FILE,
        "[^A-Za-z0-9._-]",
        "[^A-Za-z0-9./_-]",
    ),
    Fault(
        "a name may be hidden",
        FILE,
        'rb"^\\.|[^A',
        'rb"[^A',
    ),
    Fault(
        "two names become one",
        FILE,
        'b"%%%02X" % ord(found[0])',
        'b"_"',
    ),
    Fault(
        "a name has line ends",
        FILE,
        'return printable(name.decode("utf-8", "backslashreplace"))',
        'return (name.decode("utf-8", "backslashreplace"))',
    ),
    Fault(
        "a name is several words",
        FILE,
        '.replace(" ", r"\\x20")',
        "",
    ),
    Fault(
        "a name that is not UTF-8 is an error",
        FILE,
        'decode("utf-8", "backslashreplace")',
        'decode("utf-8")',
    ),
    Fault(
        "another container's processes have ended",
        FILE,
        "    if not process.namespace or process.namespace != _namespace():\n        return False\n",
        "",
    ),
    Fault(
        "a pid that was given again lives",
        FILE,
        " or int(state[_STARTED]) != process.started",
        "",
    ),
    Fault(
        "who is dead and not buried lives",
        FILE,
        'state[0] in "ZX" or ',
        "",
    ),
    Fault(
        "all boots without an id are one",
        FILE,
        "    return told or os.urandom(16).hex()",
        "    return told",
    ),
]
