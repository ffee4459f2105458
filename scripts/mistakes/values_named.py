"""Mistakes in core/values/named.py."""

from mistakes.fault import Fault

FILE = "core/values/named.py"
FAULTS = [
    Fault(
        "tasks of an array share a file",
        FILE,
        "    if count > 1 and not template.is_absolute and not template.fields & OWN_FIELDS:\n",
        "    if count < 0:\n",
    ),
    Fault(
        "a file of the jobs' own host is one job's alone",
        FILE,
        "count > 1 and not template.is_absolute and",
        "count > 1 and",
    ),
    Fault(
        "both streams are written into one file",
        FILE,
        "if terms.out and read_template(terms.err) == read_template(terms.out):",
        "if False:",
    ),
    Fault(
        "errors are where another's output is",
        FILE,
        'if read_template(terms.err) == read_template("out.{id}"):',
        "if False:",
    ),
    Fault(
        "a job without a name has one",
        FILE,
        'if "name" in template.fields and not terms.name:',
        "if False:",
    ),
    Fault(
        "a file that is being written is given away",
        FILE,
        "is_taken = is_given or path in in_use or",
        "is_taken = is_given or",
    ),
    Fault(
        "what another has by the rule is given away",
        FILE,
        'given = [is_of_the_rule(path) and path != f"out.{job.id}" for _, path in named]',
        "given = [False] * len(named)",
    ),
    Fault(
        "both streams get one file",
        FILE,
        " or any(path == other for _, other in files)",
        "",
    ),
    Fault(
        "numbers of an array are none of its own",
        FILE,
        'OUT: bool(terms.out) and "id" in read_template(terms.out).fields,',
        "OUT: False,",
    ),
    Fault(
        "files at other hosts are kept apart",
        FILE,
        "for stream, path in shown if not is_absolute(path) and not is_apart[stream]",
        "for stream, path in shown if not is_apart[stream]",
    ),
]
