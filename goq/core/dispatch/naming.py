"""Whether jobs may have the output files that their submitter names. Pure."""

from goq.core.dispatch.wishes import NOTHING
from goq.core.messages import Submit
from goq.core.state.state import State
from goq.core.values.ids import Nonce
from goq.core.values.named import check_names, keys_of, names_any
from goq.core.values.templates import BadTemplate
from goq.core.values.terms import Terms

NO_NONCE = Nonce(b"")


def bad_names(terms: Terms, count: int) -> str:
    """What is wrong with the names themselves, of so many jobs; "" for nothing."""
    if not names_any(terms):
        return ""
    try:
        check_names(terms, count)
    except BadTemplate as error:
        return str(error)
    return ""


def refusal(state: State, submit: Submit) -> str:
    """Why they may not, which names the job that has one; "" when they may."""
    terms = submit.terms
    if not names_any(terms):
        return ""
    bad = bad_names(terms, submit.count)
    if bad:
        return f"{bad}. {NOTHING.capitalize()}"
    for key in keys_of(submit.submission(state.next_job, NO_NONCE, 0), state.names.layout):
        if key in state.names.wanted:
            return (
                f"the output file '{key}' is that of job {state.names.wanted[key]}, which has not ended;"
                f" with {{id}} in it each has its own; {NOTHING}"
            )
    return ""
