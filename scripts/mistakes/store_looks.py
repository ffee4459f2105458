"""Mistakes in the looks for lives, failures and totals."""

from mistakes.fault import Fault

LIVES, FAILURES = "adapters/store/queries_lives.py", "adapters/store/queries_failures.py"
TOTALS, WORDS = "adapters/store/queries_totals.py", "roles/reader/words.py"
FAULTS = [
    Fault(
        "the last attempt has no words", WORDS, "life.attempts[-WORDS_OF:]]", "life.attempts[-WORDS_OF:-1]]"
    ),
    Fault(
        "words of an attempt are those of the latest",
        WORDS,
        "READ_BYTES, eyes, each.attempt)",
        "READ_BYTES, eyes)",
    ),
    Fault("a task is the job before it", LIVES, "JobId(what.first + (index or 0))", "JobId(what.first)"),
    Fault(
        "a life is of what was submitted, not of what was altered", LIVES, "row and row[0] > job", "not row"
    ),
    Fault("an attempt that was lost is on", LIVES, "elif given_up_ns:", "elif not worker:"),
    Fault("events of ranges are not a job's", LIVES, "OR job < ?1 AND next > ?1 AND next > job + 1", "OR 0"),
    Fault(
        "who waits behind a later job waits behind this one",
        LIVES,
        "if any(start <= job < end for",
        "if any(start < end for",
    ),
    Fault(
        "what is tried again has failed",
        FAILURES,
        "AND ending IN ('finished', 'lost') ORDER BY job",
        "ORDER BY job",
    ),
    Fault(
        "failures of one kind are many groups",
        FAILURES,
        "result.exit_code if ended.attempt else result.problem,",
        "job,",
    ),
    Fault(
        "jobs that were never started did not fail",
        FAILURES,
        "for job in range(start, min(stop, start + left)):",
        "for job in range(0):",
    ),
    Fault("of a part of an array all have failed", FAILURES, "AND first + count <= ?2", ""),
    Fault(
        "medians are of what failed too",
        FAILURES,
        "AND exit_code = 0 AND signal = 0 AND started_ns > 0",
        "AND started_ns > 0",
    ),
    Fault("a line of ours is the job's last word", WORDS, "if line and not line.startswith(ours)", "if line"),
    Fault(
        "a line that is cut is the first one", WORDS, "if part.offset and any(lines[1:]):", "if not lines:"
    ),
    Fault("what runs has no last words", WORDS, "limit=size, upto=LENGTH_LIMIT", "limit=size, upto=0"),
    Fault(
        "a part begins with what the one before ended with",
        TOTALS,
        "query.after + 1) - 1",
        "query.after) - 1",
    ),
    Fault("what runs has no cpus", TOTALS, "            self._add_live()\n", "            pass\n"),
    Fault(
        "an attempt that is tried again is a job",
        TOTALS,
        "            ending is not None,\n",
        "            1,\n",
    ),
    Fault("a day begins in UTC", TOTALS, "(ended_ns // NS + query.offset_s)", "(ended_ns // NS)"),
    Fault("a job has one cpu", TOTALS, "(ran_s, ran_s * terms.cpus, cpu_s)", "(ran_s, ran_s, cpu_s)"),
    Fault("a span goes on", TOTALS, "end_ns = min(end_ns, self._query.end_ns)", "pass"),
    Fault("what came before a part is in it", TOTALS, "first >= :first AND first < :last", "first < :last"),
]
