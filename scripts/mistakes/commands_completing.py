"""Mistakes in commands/completing.py and shells.py."""

from mistakes.fault import Fault

FAULTS = [
    Fault(
        "a job's name is typed for others whatever it does there",
        "commands/completing.py",
        "if word.startswith(incomplete) and _WORD(word)",
        "if word.startswith(incomplete)",
    ),
    Fault(
        "what a job is may move the cursor",
        "commands/completing.py",
        "help=printable(text)[:_HELP]",
        "help=text[:_HELP]",
    ),
    Fault(
        "all is offered, whatever is typed",
        "commands/completing.py",
        "if word.startswith(incomplete) and _WORD(word)",
        "if _WORD(word)",
    ),
    Fault(
        "bash is given what is there already",
        "commands/shells.py",
        "return word[at + 1 :]",
        "return word",
    ),
    Fault(
        "an option is lost with its value",
        "commands/shells.py",
        "if not word.startswith(incomplete):",
        "if False:",
    ),
    Fault(
        "a word that has ended is completed again",
        "commands/shells.py",
        "is_begun = bool(words) and not line[-1:].isspace()",
        "is_begun = bool(words)",
    ),
]
