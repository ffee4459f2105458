"""Mistakes in roles/client/contact.py."""

from mistakes.fault import Fault

FILE = "roles/client/contact.py"
FAULTS = [
    Fault(
        "an answer has no more time than contact",
        FILE,
        "ANSWER_TIMES = 20",
        "ANSWER_TIMES = 1",
    ),
    Fault(
        "a command waits for ever",
        FILE,
        "if now_s >= self._end_s or not self._is_worth_it():",
        "if not self._is_worth_it():",
    ),
    Fault(
        "nobody there is waited for",
        FILE,
        "return self._calls.connected or self._calls.ways.is_looking or not _refusal(self._calls, self._config)",
        "return True",
    ),
    Fault(
        "another cluster is waited for",
        FILE,
        "        if is_foreign(self._calls):\n            raise",
        "        if False:\n            raise",
    ),
    Fault(
        "another certificate is waited for",
        FILE,
        'if failures["auth"] >= FAILURES:',
        'if failures["auth"] < 0:',
    ),
    Fault(
        "another kind of server is waited for",
        FILE,
        'if failures["proto"] + failures["other"] >= FAILURES:',
        'if failures["proto"] < 0:',
    ),
    Fault(
        "a reason is said again and again",
        FILE,
        "if text != self._said and not (self._said and self._once):",
        "if not (self._said and self._once):",
    ),
    Fault(
        "the end of a trouble is not told",
        FILE,
        '                self._said = ""\n                self._say(',
        '                self._said = ""\n                str(',
    ),
    Fault(
        "a guess is not named",
        FILE,
        'raise ServerUnreachable(f"{error}{what}{config.hint}") from error',
        "raise ServerUnreachable(str(error)) from error",
    ),
    Fault(
        "another server's folder is told",
        FILE,
        "if known and known.served and (known.host, known.port) == (config.ip, config.port):",
        "if known and known.served:",
    ),
    Fault(
        "a server is to be started on any machine",
        FILE,
        "if config.guessed or (is_number(config.ip) and is_here(config.ip)):",
        "if True:",
    ),
]
