"""One connection to a server, for as many questions as there are."""

from typing import Self, TypeVar

from msgspec import DecodeError, Struct, msgpack

from goq.adapters.config import Config, load_config
from goq.adapters.wire.signing import Signer
from goq.core.messages import Answer, AskAgain, Happened, JobNotKnown, Look, News, Question, Shown
from goq.core.values.failures import Failures, FailuresOf, Medians, MediansOf
from goq.core.values.lives import Life, LifeOf
from goq.core.values.pages import Page, Rows
from goq.core.values.queries import AskLatest, Latest, Query, query_bytes
from goq.errors import JobUnknown, RequestRefused
from goq.roles.client.ask import ask_over, cluster_id_in_time, connect
from goq.roles.client.calls import Calls

A = TypeVar("A", bound=Answer)
F = TypeVar("F", bound=Struct)


class Client:
    """A server, as the settings name it. Connects with the first question; close it, or use it in a `with`.

    Each question raises ServerUnreachable when no answer comes, and RequestRefused when the server says no.
    """

    def __init__(self, config: Config | None = None) -> None:
        self.config = config or load_config()
        self._calls: Calls | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the connection; the next question makes another one."""
        if self._calls is not None:
            self._calls.close()
            self._calls = None

    def latest(self) -> Latest:
        """How far the journal has come."""
        return self.look(AskLatest())

    def rows(self, query: Rows) -> Page:
        """A page of submissions, or of jobs; the one after it is asked for with `after=page.following`."""
        return self.look(query)

    def life(self, query: LifeOf) -> Life:
        """The life of a job. Raises JobUnknown."""
        return self.look(query)

    def failures(self, query: FailuresOf) -> Failures:
        """What failed of some jobs, by how."""
        return self.look(query)

    def medians(self, query: MediansOf) -> Medians:
        """What those of some jobs took that ended well."""
        return self.look(query)

    def news(self, since: int) -> int:
        """The number of the latest event, when that is another than `since`; else `since`, after a heartbeat."""
        answer = self._ask(News(since))
        return since if isinstance(answer, AskAgain) else self._expected(answer, Happened).seq

    def look(self, query: Query[F]) -> F:
        """What the server's reader finds."""
        shown = self.ask(Look(query_bytes(query)), Shown)
        try:
            return msgpack.decode(shown.found, type=query.found)
        except DecodeError as error:
            raise RequestRefused(
                f"the server's answer is not understood ({error}); is it another goq?"
            ) from error

    def ask(self, question: Question, kind: type[A]) -> A:
        """The answer, when it is of that kind. Raises JobUnknown, and RequestRefused for any other."""
        return self._expected(self._ask(question), kind)

    def _ask(self, question: Question) -> Answer:
        if self._calls is None:
            config = self.config
            self._calls = connect(config, Signer(cluster_id_in_time(config, config.timeout_s)))
        return ask_over(self._calls, self.config, question)

    def _expected(self, answer: Answer, kind: type[A]) -> A:
        if isinstance(answer, kind):
            return answer
        if isinstance(answer, JobNotKnown):
            raise JobUnknown(answer.job, f"at {self.config.address}")
        raise RequestRefused(f"the server gave an unexpected answer: {type(answer).__name__}")
