"""What is asked to have jobs altered, or submitted again: of options, the questions; for a Client and an AsyncClient."""

from collections.abc import Iterable

from goq.api.naming import Which, selectors_of
from goq.api.options import SetOptions, TermOptions, require_known, terms_of, wishes_of
from goq.api.spoken import Duration, seconds_of
from goq.core.messages import Retry
from goq.core.values.changes import Alter
from goq.core.values.job import By
from goq.errors import BadCommand


def alter_of(options: TermOptions) -> Alter:
    """What these options alter. Raises BadCommand, also when that is nothing."""
    require_known(options, TermOptions)
    fields, terms = terms_of(options)
    if not fields:
        raise BadCommand("nothing is to be altered; say what, as priority=5")
    return Alter(fields, terms)


def retry_of(
    by: By,
    which: Iterable[Which],
    states: str | Iterable[str],
    user: str,
    options: SetOptions,
    *,
    failed: bool,
    alone: bool,
    since: Duration,
) -> Retry:
    """The question that has these jobs submitted again, otherwise where options say so. Raises BadCommand."""
    require_known(options, SetOptions)
    found = selectors_of(which, states, user)
    if len(found) > 1:
        raise BadCommand("these are too many for one retry; ranges as '12-20' are one")
    fields, terms = terms_of(options)
    return Retry(found[0], by, failed, alone, fields, terms, seconds_of(since), wishes_of(options))
