"""Mistakes in adapters/settings.py."""

from mistakes.fault import Fault

FILE = "adapters/settings.py"
FAULTS = [
    Fault(
        "the file comes before variables",
        FILE,
        'return os.environ.get(variable) or self._file_of(variable).texts.get(variable, "")',
        'return self._file_of(variable).texts.get(variable) or os.environ.get(variable, "")',
    ),
    Fault(
        "the host's file comes before the user's",
        FILE,
        "return self if variable in self.texts or self.below is None else self.below",
        "return self if self.below is None or variable not in self.below.texts else self.below",
    ),
    Fault(
        "the host's file is not read",
        FILE,
        "replace(said, below=host_s) if host_s.texts else said",
        "said",
    ),
    Fault(
        "what the user says takes the place of what the host does",
        FILE,
        "files = (self, self.below or Settings())",
        "files = (self,)",
    ),
    Fault(
        "any setting may be a list",
        FILE,
        "if isinstance(value, list) and key in map(key_of, LISTS):",
        "if isinstance(value, list):",
    ),
    Fault(
        "a line is counted from 0",
        FILE,
        "for count, line in enumerate(lines, 1):",
        "for count, line in enumerate(lines):",
    ),
    Fault(
        "a secret is taken from the file",
        FILE,
        "if key in map(key_of, SECRETS):",
        "if key in SECRETS:",
    ),
    Fault(
        "a relative XDG_CONFIG_HOME is believed",
        FILE,
        "    if not os.path.isabs(folder):\n        folder =",
        "    if not folder:\n        folder =",
    ),
    Fault(
        "true is what Python calls it",
        FILE,
        'return "true" if value else "false"',
        'return "yes" if value else "no"',
    ),
    Fault(
        "~ is a folder",
        FILE,
        'return os.path.expanduser(value) if value.startswith("~") else value',
        "return value",
    ),
    Fault(
        "a NUL goes into a path",
        FILE,
        'if not isinstance(value, str) or "\\0" in value:',
        "if not isinstance(value, str):",
    ),
    Fault(
        "a file without end is read",
        FILE,
        "if len(content) > FILE_LIMIT:",
        "if len(content) > 2 * FILE_LIMIT:",
    ),
]
