"""Mistakes in the rows of reports and orders."""

from mistakes.fault import Fault

FAULTS = [
    Fault(
        "a streamed result comes with others",
        "adapters/wire/zjob_report.py",
        "        is_alone or not any(done.result.is_long for done in ended),",
        "        True,",
    ),
    Fault(
        "a streamed result does not come at all",
        "adapters/wire/zjob_report.py",
        "is_alone = report.serial == TESTIMONY and len(ended) == 1",
        "is_alone = False",
    ),
    Fault(
        "a testimony may say anything",
        "adapters/wire/zjob_report.py",
        'check(bool(ended) and not (report.held or report.returned or report.wants), "no testimony")',
        "pass",
    ),
    Fault(
        "as many rows as a frame holds are read",
        "adapters/wire/zjob_report.py",
        'check(len(ended) + len(report.returned) <= ROWS_LIMIT, "too many jobs at once")',
        "pass",
    ),
    Fault(
        "an output is shorter than its bytes",
        "adapters/wire/zjob_report.py",
        'check(len(output) <= length, "an output is shorter than its bytes")',
        "pass",
    ),
    Fault(
        "a digest may have any length",
        "adapters/wire/zjob_report.py",
        'check(len(sha256) in (0, SHA256_BYTES), "not a SHA-256")',
        "pass",
    ),
    Fault(
        "a row that names what is not there stops the loop",
        "adapters/wire/zjob_report.py",
        '    except IndexError as error:\n        raise ValueError("a row names what the message has not") from error\n    _check_news',
        '    except ZeroDivisionError as error:\n        raise ValueError("a row names what the message has not") from error\n    _check_news',
    ),
    Fault(
        "each job of an answer has an origin of its own",
        "adapters/wire/zjob_report.py",
        "_read_job(job, origins[origin], known) for job in jobs",
        "_read_job(job, _read_origin(*rows.origins[origin]), known) for job in jobs",
    ),
    Fault(
        "a job's folder may be anywhere",
        "adapters/wire/zjob_report.py",
        "        checked_folder(path)\n",
        "        pass\n",
    ),
    Fault(
        "a batch may be of nothing",
        "adapters/wire/zjob_report.py",
        'check(all(jobs for _, _, jobs in rows.run), "a batch of nothing")',
        "pass",
    ),
    Fault(
        "what a job was behind goes along",
        "adapters/wire/zjob_report.py",
        "replace(job.terms, after=()) if job.terms.after else job.terms",
        "job.terms",
    ),
    Fault(
        "a place has as long an id as it likes",
        "adapters/wire/zjob_report.py",
        'check(all(len(place) <= NAME_LIMIT for place in self.places), "too long an id of a place")',
        "pass",
    ),
    Fault(
        "a host is forgotten",
        "adapters/wire/zjob_report.py",
        '"" if result.host == host else f"={result.host}"',
        '""',
    ),
]
