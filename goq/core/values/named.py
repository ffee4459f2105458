"""Which files a job's submitter named for what it writes, by stream; the others have names by a rule. Pure."""

from functools import lru_cache

from goq.core.values.ids import JobId
from goq.core.values.items import Items
from goq.core.values.job import Job, Submission
from goq.core.values.layout import EVERYBODY_S, Layout
from goq.core.values.quoted import quoted
from goq.core.values.result import ERR, OUT, Files
from goq.core.values.templates import OWN_FIELDS, BadTemplate, Template, is_of_the_rule, read_template
from goq.core.values.terms import Terms


def names_any(terms: Terms) -> bool:
    """Some file is named."""
    return bool(terms.out or terms.err)


def check_names(terms: Terms, count: int) -> None:
    """Raises BadTemplate, with the option in its words, unless so many jobs may have outputs with these names."""
    for option, text in (("--out", terms.out), ("--err", terms.err)):
        if not text:
            continue
        try:
            _check(read_template(text), terms, count)
        except BadTemplate as error:
            raise BadTemplate(f"{option} {quoted(text)}: {error}") from error
    if terms.err and not read_template(terms.err).is_absolute:
        if terms.out and read_template(terms.err) == read_template(terms.out):
            raise BadTemplate(
                f"--err {quoted(terms.err)}: that is the file of --out; without --err it has both"
            )
        if read_template(terms.err) == read_template("out.{id}"):
            raise BadTemplate(f"--err {quoted(terms.err)}: outputs have such names; err.{{id}} is right")


def _check(template: Template, terms: Terms, count: int) -> None:
    if "name" in template.fields and not terms.name:
        raise BadTemplate("there is {name} in it, and no name; --name fold is one")
    if count > 1 and not template.is_absolute and not template.fields & OWN_FIELDS:
        raise BadTemplate(
            f"{count} jobs would share that file; with {{task}} or {{id}} in it each has its own"
        )


@lru_cache(maxsize=1000)
def folders_at_hosts(terms: Terms) -> bytes:
    """The folders, each behind a NUL, that a host must have for the files that are to be there; b"" for none."""
    texts = sorted({text for text in (terms.out, terms.err) if is_absolute(text)})
    return b"".join(b"\0" + (text.rpartition("/")[0] or "/").encode() for text in texts)


def sure_paths(terms: Terms) -> list[str]:
    """What is known of the files' paths below the server's folder, whoever gets the job: up to the first field."""
    texts = [text for text in (terms.out, terms.err) if text and not is_absolute(text)]
    return [read_template(text).beginning for text in texts]


def files_of(job: Job, attempt: int, host: str) -> Files:
    """The files of an attempt at that host; () where none is named."""
    if not names_any(job.terms):
        return ()
    task = job.task
    array, number = (task.array, task.number) if task else (job.id, 1)
    values = _values(array, job.terms.name, job.origin.owner)
    values |= {"id": str(job.id), "task": str(number), "host": host, "attempt": str(attempt)}
    return _filled(job.terms, values)


def free_files_of(
    job: Job, attempt: int, host: str, in_use: dict[str, JobId], layout: Layout = EVERYBODY_S
) -> Files:
    """The same, each by another name below the server's folder where another has that, or the rule gives it away.

    Where its owner has a folder, they lie there, and so does an output that nobody named.
    """
    named = files_of(job, attempt, host)
    given = [is_of_the_rule(path) and path != f"out.{job.id}" for _, path in named]
    placed = layout.files_of(named, job.id, job.origin.owner)
    unnamed = len(placed) - len(named)  # the first, if any
    files: list[tuple[int, str]] = []
    for (stream, path), is_given in zip(placed, [False] * unnamed + given, strict=True):
        is_taken = is_given or path in in_use or any(path == other for _, other in files)
        files.append((stream, f"{path}.{job.id}" if is_taken and not is_absolute(path) else path))
    return tuple(files)


def shown_files(terms: Terms, first: JobId, count: int, owner: str, items: Items | None = None) -> Files:
    """The files of so many jobs as far as they are known before any of them is given to a worker."""
    values = _values(first, terms.name, owner)
    if count == 1 and items is None:
        values |= {"id": str(first), "task": "1"}
    return _filled(terms, values)


def keys_of(what: Submission, layout: Layout = EVERYBODY_S) -> list[str]:
    """What no two live submissions may have in common, as files lie by that layout.

    Those cannot whose jobs have their numbers in it; and what is submitted again is of other tasks.
    """
    terms, is_apart = what.terms, {OUT: False, ERR: False}
    if terms.again_of:
        return []
    if what.count > 1 or what.items is not None:
        is_apart = {
            OUT: bool(terms.out) and "id" in read_template(terms.out).fields,
            ERR: bool(terms.err) and "id" in read_template(terms.err).fields,
        }
    owner = what.origin.owner
    shown = shown_files(terms, what.first, what.count, owner, what.items)
    return [
        layout.placed(path, owner) for stream, path in shown if not is_absolute(path) and not is_apart[stream]
    ]


def is_absolute(path: str) -> bool:
    """A file of the attempt's own host."""
    return path.startswith("/")


def _values(array: JobId, name: str, owner: str) -> dict[str, str]:
    return {"array": str(array), "name": name, "user": owner}


def _filled(terms: Terms, values: dict[str, str]) -> Files:
    return tuple(
        (stream, read_template(text).fill(values))
        for stream, text in ((OUT, terms.out), (ERR, terms.err))
        if text
    )
