"""Mistakes in adapters/wire/zjob.py."""

from mistakes.fault import Fault

FILE = "adapters/wire/zjob.py"
FAULTS = [
    Fault(
        "a message has any number of rows",
        FILE,
        'check(len(rows) <= ROWS_LIMIT, "too many jobs at once")',
        "pass",
    ),
    Fault(
        "a message has one row less than it may",
        FILE,
        "len(rows) <= ROWS_LIMIT",
        "len(rows) < ROWS_LIMIT",
    ),
    Fault(
        "any number of jobs is kept",
        FILE,
        "len(z.kept) <= ROWS_LIMIT",
        "True",
    ),
    Fault(
        "anything is kept",
        FILE,
        "all(job > 0 for job in kept)",
        "True",
    ),
    Fault(
        "a row speaks for another worker",
        FILE,
        "return Claim(_read_epoch(z, queue), read_job_id(z), attempt, worker)",
        "return Claim(_read_epoch(z, queue), read_job_id(z), attempt, z.workerId or worker)",
    ),
    Fault(
        "a row is of another queue than the message",
        FILE,
        "return Claim(_read_epoch(z, queue), read_job_id(z), attempt, worker)",
        "return Claim(_read_epoch(z, QueueId(bytes(z.queue)) or queue), read_job_id(z), attempt, worker)",
    ),
    Fault(
        "a claim is of no queue",
        FILE,
        '    check(len(queue) in (WHOSE_BYTES, WHOSE_BYTES + DRAW_BYTES), "not the id of a queue")\n',
        "",
    ),
    Fault(
        "an attempt is of no epoch",
        FILE,
        '    check(z.epoch > 0, "epochs count from 1")\n',
        "",
    ),
    Fault(
        "an answer is given in no epoch",
        "adapters/wire/zjob_speaker.py",
        '    check(z.serverEpoch > 0, "epochs count from 1")\n',
        "",
    ),
    Fault(
        "a job's second folder is lost on the way",
        FILE,
        "        z.physical = origin.physical\n",
        "        pass\n",
    ),
    Fault(
        "who asks is lost on the way",
        FILE,
        "        z.owner = by.owner\n",
        "        pass\n",
    ),
    Fault(
        "what was asked for is lost on the way",
        FILE,
        "        z.terms = text\n",
        "        pass\n",
    ),
    Fault(
        "a job may end for any reason",
        FILE,
        'check(z.cause < len(CAUSES), "no such cause")',
        "pass",
    ),
]
