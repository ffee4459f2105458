"""Mistakes in commands/scripts.py."""

from mistakes.fault import Fault

FILE = "commands/scripts.py"
FAULTS = [
    Fault(
        "lines behind the first command are options",
        FILE,
        "            break\n",
        "            continue\n",
    ),
    Fault(
        "what stands in the script counts more than what is typed",
        FILE,
        "elif context.get_parameter_source(name) is ParameterSource.DEFAULT:",
        "else:",
    ),
    Fault(
        "what is typed comes first among several",
        FILE,
        "chosen[name] = value + typed[name]",
        "chosen[name] = typed[name] + value",
    ),
    Fault(
        "only the last line counts",
        FILE,
        "said.get(name, ()) + value if isinstance(value, tuple) else value",
        "value",
    ),
    Fault(
        "the first line is line 0",
        FILE,
        "start=1",
        "start=0",
    ),
    Fault(
        "a word too many is passed over",
        FILE,
        'if line.params["words"]:',
        'if line.params["words"] is None:',
    ),
    Fault(
        "a script may name another one",
        FILE,
        '_OF_THE_SHELL = {"script", "by_shell"}',
        '_OF_THE_SHELL = {"by_shell"}',
    ),
    Fault(
        "a program is a script",
        FILE,
        'if b"\\0" in text.partition(b"\\n")[0]:',
        'if b"\\0" in text.partition(b"\\0")[0]:',
    ),
    Fault(
        "the longest script is too long",
        FILE,
        "if len(text) > BLOB_LIMIT:",
        "if len(text) >= BLOB_LIMIT:",
    ),
]
