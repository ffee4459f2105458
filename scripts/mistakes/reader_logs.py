"""Mistakes in roles/reader/logs.py and adapters/store/queries_logs.py."""

from mistakes.fault import Fault

FILE, BOOK, VALUES = "roles/reader/logs.py", "adapters/store/queries_logs.py", "core/values/logs.py"
FAULTS = [
    Fault(
        "of a lost attempt the bytes of the one behind it are shown",
        FILE,
        "    if part.at.ending == GIVEN_UP:\n",
        "    if not part:\n",
    ),
    Fault(
        "a running job has as much as its file",
        FILE,
        "in_file if part.at.ending else ask.upto",
        "in_file",
    ),
    Fault("what is before an output is part of it", FILE, "kept.start + offset)", "offset)"),
    Fault(
        "from the end means from the beginning",
        FILE,
        "max(0, length + ask.offset) if ask.offset < 0",
        "0 if ask.offset < 0",
    ),
    Fault(
        "a file of another host is read here",
        FILE,
        "not kept.path or is_absolute(kept.path)",
        "not kept.path",
    ),
    Fault(
        "a file that is cut is asked for for ever",
        FILE,
        "    elif not trouble:\n",
        "    elif not part:\n",
    ),
    Fault(
        "our line is taken for the job's",
        BOOK,
        "(result[7] if result[8] else None,",
        '(result[7] + len(result[9] or b"") if result[8] else None,',
    ),
    Fault(
        "errors are read from the output", BOOK, "        if stream != OUT:\n            return None\n", ""
    ),
    Fault(
        "a job that is killed between attempts goes on",
        BOOK,
        "None if live or number != latest else self._one(_ENDED, job)",
        "None",
    ),
    Fault(
        "an attempt is followed by its likes for ever",
        VALUES,
        'not in ("", TRIED_AGAIN, GIVEN_UP)',
        'not in ("", GIVEN_UP)',
    ),
    Fault(
        "another attempt is news only when it is longer",
        VALUES,
        "(self.attempt, self.phase) != (seen.attempt, seen.phase) or ",
        "",
    ),
]
