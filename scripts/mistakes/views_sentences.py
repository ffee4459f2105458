"""Mistakes in words: of reasons, of the cluster and its workers, and of failures."""

from mistakes.fault import Fault

SENTENCES, WHY, STAT = "views/sentences.py", "views/why.py", "views/stat.py"
MACHINES, FAILURES, ROWS = "views/machines.py", "views/failures.py", "views/cluster_rows.py"
FAULTS = [
    Fault("nobody is named who held a job", SENTENCES, 'f" by {hold.by}" if hold and hold.by else ""', '""'),
    Fault("the next try is the last one", SENTENCES, "try {again.attempts + 1}", "try {again.attempts}"),
    Fault(
        "an array is not known by its first number", SENTENCES, "if reason.name and reason.jobs:", "if False:"
    ),
    Fault("memory is counted and not measured", SENTENCES, "return size(much * MIB)", "return count(much)"),
    Fault("what needs many waits for one", SENTENCES, "if lack.busy and lack.needs == 1:", "if lack.busy:"),
    Fault(
        "one's own turn is one's own name",
        SENTENCES,
        "reason.owner if reason.owner != named.owner else",
        "reason.owner if True else",
    ),
    Fault(
        "machines that are alike have a line each",
        WHY,
        "alike.setdefault(_row(machine, job), [])",
        "alike.setdefault(_row(machine, job)._replace(missing=machine.name), [])",
    ),
    Fault(
        "control characters of a machine's words are shown",
        WHY,
        "        yield printable(sentence)\n",
        "        yield sentence\n",
    ),
    Fault(
        "a disk that is nearly full is not told",
        STAT,
        "today.free_bytes < FULL_BYTES or today.free_bytes < FULL_SHARE * today.disk_bytes",
        "False",
    ),
    Fault("lost jobs have not failed", STAT, "today.failed + today.lost", "today.failed"),
    Fault(
        "more than five things are looked at", STAT, "for each in needs[:LOOK_SHOWN]:", "for each in needs:"
    ),
    Fault("what is drained may be used", STAT, 'parts.all if head == "mem" else parts.usable', "parts.all"),
    Fault("what is the matter is not said before what runs", MACHINES, "[what or runs]", "[runs]"),
    Fault(
        "more memory is offered to all that failed", FAILURES, "if memory and asked_bytes", "if asked_bytes"
    ),
    Fault("what was not enough is offered again", FAILURES, "max([asked_bytes, *memory])", "asked_bytes"),
    Fault(
        "a pipe gets the first few only", FAILURES, "return Cell(line(few), whole)", "return Cell(line(few))"
    ),
    Fault("memory is told to programs in MiB", ROWS, "offer.memory * MIB or None", "offer.memory or None"),
    Fault(
        "workers of a host are machines of their own",
        "views/machines.py",
        "found.setdefault(row.host, [])",
        "found.setdefault(f'{row.host}{row.pid}', [])",
    ),
]
