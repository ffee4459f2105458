"""Mistakes in core/dispatch/fate.py."""

from mistakes.fault import Fault

FILE = "core/dispatch/fate.py"
FAULTS = [
    Fault(
        "what was killed is tried again",
        FILE,
        "    if killed:\n",
        "    if killed and not terms.retries:\n",
    ),
    Fault(
        "what is never to run again waits again when it is handed back",
        FILE,
        "Again(counts_as) if terms.requeue else Over(Ending.LOST)",
        "Again(counts_as)",
    ),
    Fault(
        "what is never to run again waits again when its worker is lost",
        FILE,
        "    if not terms.requeue:\n        return Over(Ending.LOST)\n",
        "",
    ),
    Fault(
        "what is never to run again is tried again",
        FILE,
        "_told(terms, past, result) if terms.requeue else Over(Ending.FINISHED)",
        "_told(terms, past, result)",
    ),
    Fault(
        "a lost job counts as finished",
        FILE,
        "    if not terms.requeue:\n        return Over(Ending.LOST)\n",
        "    if not terms.requeue:\n        return Over(Ending.FINISHED)\n",
    ),
    Fault(
        "a poisonous job is tried for ever",
        FILE,
        "past.crashes + 1 >= crash_limit",
        "False",
    ),
    Fault(
        "a poisonous job is tried once more",
        FILE,
        "past.crashes + 1 >= crash_limit",
        "past.crashes >= crash_limit",
    ),
    Fault(
        "attempts count as crashes",
        FILE,
        "past.crashes + 1 >= crash_limit",
        "past.attempts >= crash_limit",
    ),
    Fault(
        "a crash counts as a failure",
        FILE,
        "return Again(CountsAs.CRASH)",
        "return Again(CountsAs.FAILURE)",
    ),
    Fault(
        "one retry too many",
        FILE,
        "past.failures < terms.retries",
        "past.failures <= terms.retries",
    ),
    Fault(
        "attempts count as failures",
        FILE,
        "past.failures < terms.retries",
        "past.attempts < terms.retries",
    ),
    Fault(
        "crashes count as failures",
        FILE,
        "past.failures < terms.retries",
        "past.failures + past.crashes < terms.retries",
    ),
    Fault(
        "reruns never end",
        FILE,
        " and past.reruns < RERUNS",
        "",
    ),
    Fault(
        "a rerun counts as a failure",
        FILE,
        "Again(CountsAs.RERUN, ",
        "Again(CountsAs.FAILURE, ",
    ),
    Fault(
        "a held job runs again at once",
        FILE,
        "Again(held=True)",
        "Again()",
    ),
    Fault(
        "a hold counts for less than a rerun",
        FILE,
        "    if result.status in terms.hold_codes:\n        return Again(held=True)\n    if result.status in terms.rerun_codes and past.reruns < RERUNS:\n        return Again(CountsAs.RERUN, terms.backoff_s)\n",
        "    if result.status in terms.rerun_codes and past.reruns < RERUNS:\n        return Again(CountsAs.RERUN, terms.backoff_s)\n    if result.status in terms.hold_codes:\n        return Again(held=True)\n",
    ),
    Fault(
        "a signal is tried again only when its status is listed",
        FILE,
        "if result.signal or result.cause:",
        "if result.cause:",
    ),
    Fault(
        "time that is up is no failure",
        FILE,
        "if result.signal or result.cause:",
        "if result.signal:",
    ),
    Fault(
        "the list of statuses is not looked at",
        FILE,
        "result.status in terms.retry_on if terms.retry_on else result.status != 0",
        "result.status != 0",
    ),
    Fault(
        "what ended well is tried again",
        FILE,
        "if terms.retry_on else result.status != 0",
        "if terms.retry_on else True",
    ),
    Fault(
        "each attempt waits as long as the first",
        FILE,
        "min(terms.backoff_s * 2.0**doublings, LONGEST_BACKOFF_S)",
        "terms.backoff_s",
    ),
    Fault(
        "who outlives a worker is not counted",
        FILE,
        "CountsAs.OUTLIVED if outlived else CountsAs.NOTHING",
        "CountsAs.NOTHING",
    ),
    Fault(
        "there is no longest time",
        FILE,
        "min(terms.backoff_s * 2.0**doublings, LONGEST_BACKOFF_S)",
        "terms.backoff_s * 2.0**doublings",
    ),
    Fault(
        "many failures are more than numbers hold",
        FILE,
        "min(failures, 64)",
        "failures",
    ),
    Fault(
        "the first wait is doubled already",
        FILE,
        "backoff_s(terms, past.failures))",
        "backoff_s(terms, past.failures + 1))",
    ),
]
