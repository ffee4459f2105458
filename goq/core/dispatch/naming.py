"""Whether jobs may have the output files that their submitter names. Pure."""

from goq.core.dispatch.wishes import NOTHING
from goq.core.messages import Submit
from goq.core.state.state import State
from goq.core.values.job import owner_of
from goq.core.values.named import check_names, keys_of, names_any
from goq.core.values.templates import BadTemplate


def refusal(state: State, submit: Submit) -> str:
    """Why they may not, which names the job that has one; "" when they may."""
    terms = submit.terms
    if not names_any(terms):
        return ""
    try:
        check_names(terms, submit.count)
    except BadTemplate as error:
        return f"{error}. {NOTHING.capitalize()}"
    for key in keys_of(terms, state.next_job, submit.count, owner_of(submit.submitter)):
        if key in state.named:
            return (
                f"the output file '{key}' is that of job {state.named[key]}, which has not ended;"
                f" with {{id}} in it each has its own; {NOTHING}"
            )
    return ""
