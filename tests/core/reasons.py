"""Why a job waits, as people read it: the data that the server gives, in words."""

from goq.core.messages import AskWhy, Why
from goq.core.values.ids import JobId
from goq.core.values.reasons import Explained
from goq.views.paper import Paper
from goq.views.sentences import words_of
from goq.views.why import called, where_words


def asked(job: int) -> AskWhy:
    """About one job."""
    return AskWhy(((JobId(job), JobId(job + 1)),))


def explained(answer: object) -> Explained:
    """What a Why brings."""
    assert isinstance(answer, Why)
    return answer.of


def sentence(answer: object, now_ns: int = 0) -> str:
    """The first one."""
    job, paper = explained(answer), Paper(now_ns=now_ns)
    if job.where:
        return where_words(job.where, called(job), paper)
    return words_of(job.reasons[0], called(job), paper).long
