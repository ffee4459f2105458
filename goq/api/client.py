"""The front door for programs, and for goq's own commands."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Unpack, overload

from goq.adapters.files.outbox import Outbox
from goq.api import talks
from goq.api.desk import Desk, States
from goq.api.naming import Which, limit_name, limit_of_host, selectors_of
from goq.api.parcel import Array, Command, Lines, Packer, Parcel, packer_of
from goq.api.spoken import Duration
from goq.api.talks import HOUR_S, Talk
from goq.core.messages import (
    AckKey,
    AckSubmit,
    Answer,
    Happened,
    KeyRow,
    LimitRow,
    News,
    Question,
    Snapshot,
    WorkerRow,
)
from goq.core.messages.keys import KeyDeed
from goq.core.values.cluster import Cluster
from goq.core.values.ids import JobId
from goq.core.values.who import Role
from goq.roles.client.line import Asked
from goq.roles.client.submission import deliver_spooled, submitting

if TYPE_CHECKING:
    from goq.api.jobs import Job, Jobs
    from goq.api.options import SetOptions, SubmitOptions
    from goq.core.values.asides import Asides, AsidesOf, AskToday, Today
    from goq.core.values.failures import Failures, FailuresOf, Medians, MediansOf
    from goq.core.values.happenings import Happening
    from goq.core.values.lives import Life, LifeOf
    from goq.core.values.pages import Page, Rows
    from goq.core.values.queries import Latest
    from goq.core.values.ranges import Range
    from goq.core.values.reasons import Reason
    from goq.core.values.totals import SpentOf, Spents, Totals, TotalsOf


class Client(Desk):
    """A queue: the server that the settings name (GOQ_* variables), or what GOQ_HOME remembers.

    Connects with the first question. Any number of threads may use one; close it, or use it in a `with`. A question
    waits `timeout` for a server (seconds, or text as 10s; else GOQ_SENDTIMEOUT_MSEC), longer for the answer of one that
    is busy, and raises ServerUnreachable when none comes, RequestRefused when the server says no.
    """

    _has_delivered = False

    @cached_property
    def packer(self) -> Packer:
        """Who submits; for goq's own commands. Raises BadSetting when there is no cluster id."""
        return packer_of(self._line.secret, self.here.by)

    @cached_property
    def _outbox(self) -> Outbox:
        return Outbox(self.config.spool, self._line.secret)

    # --- submitting ----------------------------------------------------------------------------

    @overload
    def submit(self, command: Command, **options: "Unpack[SubmitOptions]") -> "Job": ...
    @overload
    def submit(self, command: Command, *, array: Array, **options: "Unpack[SubmitOptions]") -> "Jobs": ...
    @overload
    def submit(self, command: Command, *, each: Lines, **options: "Unpack[SubmitOptions]") -> "Jobs": ...
    def submit(
        self,
        command: Command,
        *,
        array: Array | None = None,
        each: Lines | None = None,
        **options: "Unpack[SubmitOptions]",
    ) -> "Job | Jobs":
        """Submit a command: a list of words, or with shell=True one text for bash. It is in the journal on return.

        With `array` a task for each number ("1-100%5": five at a time), with `each` one for each line ({} in the command
        is the line): Jobs then, else a Job. Each option is one of `goq sub`: see SubmitOptions.

        Raises BadCommand for what cannot be wanted. When no server answers it raises ServerUnreachable: the same again,
        within ten minutes, is then the same submission, so nothing runs twice.
        """
        from goq.api.submitting import parcel_of  # noqa: PLC0415 - a plain `goq sub` waits, and packs by itself

        parcel = parcel_of(self.packer, command, array, each, options)
        return self._jobs_of(parcel)

    def submit_list(self, commands: Iterable[Command], **options: "Unpack[SubmitOptions]") -> "Jobs":
        """Submit many commands, each a job, as one submission: `goq sub lines@`. Raises as `submit`."""
        from goq.api.jobs import Jobs, jobs_of_ranges  # noqa: PLC0415 - as above
        from goq.api.submitting import parcel_of_commands  # noqa: PLC0415 - as above

        parcel = parcel_of_commands(self.packer, commands, options)
        jobs = self._jobs_of(parcel)
        return (
            jobs if isinstance(jobs, Jobs) else jobs_of_ranges(self, ((JobId(jobs.id), JobId(jobs.id + 1)),))
        )

    def queue(self, parcel: Parcel, *, spool: bool = False) -> AckSubmit | None:
        """Submit what is packed; for goq's own commands. With `spool` it is kept here when no server answers: None then."""
        signer, outbox = self._line.signer, self._outbox
        what = (parcel.shared, parcel.lines, parcel.luggage)
        ack = self.run(submitting(signer, outbox, *what, spool=spool))
        if ack is not None and not self._has_delivered:
            self._has_delivered = True
            deliver_spooled(self._line, signer, outbox)
        return ack

    def _jobs_of(self, parcel: Parcel) -> "Job | Jobs":
        from goq.api.jobs import Job, jobs_of_ranges  # noqa: PLC0415 - as above

        ack = self.queue(parcel)
        if ack is None:
            raise AssertionError("nothing is spooled unasked")
        if parcel.count == 1 and parcel.shared.items is None:
            return Job(self, ack.first, existed=ack.existed)
        return jobs_of_ranges(self, ((ack.first, JobId(ack.last + 1)),))

    # --- jobs that are there -------------------------------------------------------------------

    def job(self, number: int) -> "Job":
        """The job with that number. Nothing is asked before it is used."""
        from goq.api.jobs import Job  # noqa: PLC0415 - as above

        return Job(self, number)

    def jobs(
        self,
        *which: Which,
        name: str = "",
        tag: str = "",
        state: States = (),
        user: str = "",
        since: Duration = HOUR_S,
    ) -> "Jobs":
        """Jobs by numbers and words as `goq kill` takes them; by name (`sim*`), tag, state and user.

        Words mean what lives, or has ended within `since`. Names are of one's own jobs unless a user is named. Raises
        BadCommand for words that name no jobs.
        """
        from goq.api.jobs import Jobs  # noqa: PLC0415 - as above

        words = [*([f"name:{name}"] if name else []), *([f"tag:{tag}"] if tag else [])]
        return Jobs(self, selectors_of([*which, *words], state, user), since=since)

    def retry(
        self,
        *which: Which,
        states: States = (),
        user: str = "",
        failed: bool = False,
        alone: bool = False,
        since: Duration = HOUR_S,
        **options: "Unpack[SetOptions]",
    ) -> "Jobs":
        """Submit jobs again that have ended, with other options where these are given; the new ones.

        `failed`: only those that failed or were lost, and were not submitted again since. Unless `alone`, with them what was skipped or kept because of them.
        """
        from goq.api.jobs import jobs_again  # noqa: PLC0415 - as above

        again = {"failed": failed, "alone": alone}
        return jobs_again(self, self.again(which, states, user, options, since=since, **again))

    # --- the cluster ---------------------------------------------------------------------------

    def stat(self, max_show: int = 0) -> Snapshot:
        """What the server holds: `counters`, `troubles`, its folder of `outputs`, and so many jobs of each kind at most."""
        return self.run(talks.stat(self.here, max_show))

    def cluster(self) -> Cluster:
        """How the cluster is: what is busy, who has what and waits for what, and what needs a hand."""
        return self.run(talks.cluster(self.here))

    def asides(self, query: "AsidesOf") -> "Asides":
        """What else is known of jobs that wait: who held them, how their last attempts ended."""
        return self.look(query)

    def today(self, query: "AskToday") -> "Today":
        """How many jobs have ended since some moment, and how much room the journal has."""
        return self.look(query)

    def workers(self) -> tuple[WorkerRow, ...]:
        """The workers, by host and process: what each offers, and what of that is taken. Memory in MiB."""
        return self.run(talks.workers(self.here))

    def limits(self) -> tuple[LimitRow, ...]:
        """All limits that are set, by name."""
        return self.run(talks.limits(self.here))

    def limit(self, name: str, amount: int | None, *, why: str = "") -> int:
        """Set a limit as `goq limit` does, or with None take it away; how much of it is in use.

        Raises BadCommand for a name that can be no limit's.
        """
        return self.run(talks.limit(self.here, limit_name(name, amount), amount, why))

    def set_key(self, role: Role, name: str, deed: KeyDeed, *, kill: bool = False) -> AckKey:
        """Let a user or a node have a key, another one, or none; for goq's own commands, which make the token."""
        return self.run(talks.set_key(self.here, role, name, deed, kill=kill))

    def keys(self, role: Role) -> tuple[KeyRow, ...]:
        """All users, or nodes, by name; for goq's own commands."""
        return self.run(talks.keys(self.here, role))

    def drain(self, host: str, *, why: str = "", now: bool = False) -> int:
        """Give a host no more jobs; how many run there still. `now`: they are handed back, to be run elsewhere."""
        return self.run(talks.limit(self.here, limit_of_host(host), 0, why, now=now))

    def undrain(self, host: str) -> None:
        """Give a host jobs again."""
        self.run(talks.limit(self.here, limit_of_host(host), None))

    def reset(self) -> None:
        """Zero the server's counters. Results stay in the journal."""
        self.run(talks.reset(self.here))

    def shutdown(self) -> None:
        """Stop the server. Jobs that run go on, and nothing is lost."""
        self.run(talks.shutdown(self.here))

    def immolate_workers(self) -> int:
        """Let every worker exit, busy ones at the end of their job; how many were told."""
        return self.run(talks.immolate_workers(self.here))

    # --- what happens --------------------------------------------------------------------------

    def latest(self) -> "Latest":
        """How far the journal has come: the number of its latest event, and the first and the last job's."""
        from goq.core.values.queries import AskLatest  # noqa: PLC0415 - who looks at nothing waits for no query

        return self.look(AskLatest())

    def rows(self, query: "Rows") -> "Page":
        """A page of submissions, or of jobs, for goq's own commands; the one after it is asked for with `after=page.following`."""
        return self.look(query)

    def life(self, query: "LifeOf") -> "Life":
        """The life of a job, and what it uses while it runs; for goq's own commands. Raises JobUnknown."""
        from goq.core.values.lives import is_on, with_use  # noqa: PLC0415 - few look

        life = self.look(query)
        return with_use(life, self.run(talks.use(self.here, JobId(life.row.id)))) if is_on(life) else life

    def failures(self, query: "FailuresOf") -> "Failures":
        """What failed of some jobs, by how; for goq's own commands."""
        return self.look(query)

    def medians(self, query: "MediansOf") -> "Medians":
        """What those of some jobs took that ended well; for goq's own commands."""
        return self.look(query)

    def spent(self, query: "SpentOf") -> "Spents":
        """What jobs took together, all parts of it; for goq's own commands."""
        from goq.api.parts import all_spent  # noqa: PLC0415 - few look

        return all_spent(self.look, query)

    def totals(self, query: "TotalsOf") -> "Totals":
        """How many jobs came and went, all steps of it; for goq's own commands."""
        from goq.api.parts import all_totals  # noqa: PLC0415 - as above

        return all_totals(self.look, query)

    def news(self, since: int) -> int:
        """The number of the latest event, when that is another than `since`; else `since`, after a heartbeat."""
        answer = self.run(_one(News(since)))
        return answer.seq if isinstance(answer, Happened) else since

    def reasons(self, of: "Sequence[Range]") -> "list[Reason | None]":
        """Of each of these ranges of jobs, the reason that most of those share that wait; None where none waits."""
        return self.run(talks.reasons(self.here, of))

    def events(self, since: int | None = None, *, follow: bool = True) -> "Iterator[Happening]":
        """What happens to the queue, in order: submissions, what becomes of jobs, limits that are set.

        Behind the event number `since`, else from now on. With `follow` it goes on without an end, through restarts of
        the server; whoever comes back with the `seq` of the last one that he has seen misses nothing and sees nothing twice.
        """
        from goq.api.events import events_of  # noqa: PLC0415 - few look

        return events_of(self, self.latest().seq if since is None else since, follow=follow)


def _one(question: Question) -> Talk[Answer]:
    return (yield Asked(question))
