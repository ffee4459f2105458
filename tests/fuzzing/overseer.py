"""What holders of keys may have done, by the table of docs/security.md: written from that, and not from the rights of goq.

An administrator may have anything done. A user has his own jobs, and nothing else; a node reports of what it was given.
What one of them has asked for may go on in the turns of others, so each deed is judged by whose name is on the record.
"""

from msgspec.structs import replace

from goq.core import messages as m
from goq.core.state.records import (
    Altered,
    BlobAdded,
    CancelRequested,
    CountersReset,
    Held,
    ItemsAdded,
    JobDelegated,
    JobFinished,
    JobRequeued,
    JobsSubmitted,
    KeySet,
    LimitSet,
    Paused,
    QueueRestored,
    RangeEnded,
    Record,
    Released,
    ResultRefused,
    StrayEnded,
)
from goq.core.values.ids import Argv, Environment, Nonce
from goq.core.values.job import Claim
from goq.core.values.ranges import Ranges
from goq.core.values.result import Ending
from goq.core.values.who import Role, Who

ROOT = "root"  # how administrators call themselves here, so that their names are nobody else's
SECRET = "sesame-of-"
HEALTH = "health"


def secret_of(owner: str) -> bytes:
    """What stands in all that belongs to the owner's jobs, and nowhere else."""
    return f"{SECRET}{owner}".encode()


def marked(who: Who, question: m.Question) -> m.Question:
    """The question with the secret in whatever is private of it; and an administrator by his name."""
    word = secret_of(ROOT if who.is_administrator else who.name)
    match question:
        case m.Submit():
            submitter = f"{ROOT}@head" if who.is_administrator else question.submitter
            terms = replace(question.terms, out=word.decode()) if question.terms.out else question.terms
            return replace(
                question,
                argv=Argv(question.argv + b"\0" + word) if question.argv else question.argv,
                lines=tuple(line + b"\0" + word for line in question.lines),
                folder=b"/home/" + word,
                physical=b"",
                environment=Environment(b"TOKEN=" + word),
                submitter=submitter,
                terms=terms,
            )
        case m.AddItems():
            return replace(question, lines=tuple(line + b"\0" + word for line in question.lines))
        case m.Change() | m.Cancel() | m.CancelEach() | m.Retry() | m.SetLimit() | m.SetKey():
            return (
                replace(question, by=replace(question.by, owner=ROOT)) if who.is_administrator else question
            )
        case _:
            return question


class Overseer:
    """Knows whose each job is, and who has which attempt; looks at each turn."""

    def __init__(self) -> None:
        self._owners: list[tuple[int, int, str]] = []
        self._nonces: dict[Nonce, str] = {}
        self._claims: dict[int, Claim] = {}
        self._administered: set[str] = (
            set()
        )  # workers as which administrators have spoken: these may be anywhere
        self.has_ruled = False  # an administrator has asked for something, which may go on for a while

    def owner(self, job: int) -> str:
        """Whose that job is."""
        return next(owner for first, end, owner in self._owners if first <= job < end)

    def marked_report(self, report: m.Report) -> m.Report:
        """What a worker says of a job names what is private of that job."""
        ended = tuple(
            replace(
                each, result=replace(each.result, problem=f"'/{self._word(each.claim)}': no such program")
            )
            for each in report.ended
            if each.claim.job in self._claims
        )
        returned = tuple(
            replace(each, problem=f"'/{self._word(each.claim)}': not found") if each.problem else each
            for each in report.returned
            if each.claim.job in self._claims
        )
        return replace(report, ended=ended, returned=returned)

    def _word(self, claim: Claim) -> str:
        return secret_of(self.owner(claim.job)).decode()

    def look(
        self,
        who: Who,
        question: m.Question | None,
        records: list[Record],
        replies: list[m.Reply],
        *,
        stop: bool,
    ) -> None:
        """Judge a turn in which they asked that; None: in which time passed."""
        self.has_ruled = self.has_ruled or (question is not None and who.is_administrator)
        if who.is_administrator and isinstance(question, m.Report):
            self._administered |= {question.worker.id, *(place for place, _ in question.wants)}
        assert not stop or who.is_administrator, "only an administrator ends the server"
        for record in records:
            self._judge(who, question, record)
        for reply in replies:
            self._judge_reply(reply)

    def _judge(self, who: Who, question: m.Question | None, record: Record) -> None:
        is_ruler = who.is_administrator
        match record:
            case KeySet() | CountersReset():
                assert is_ruler, "keys and counters are for administrators"
            case QueueRestored():
                assert who.role is not Role.USER, "a user has the journal taken for an old copy"
            case LimitSet(name, by=by):
                self._judge_limit(who, name, by.owner)
            case JobsSubmitted(submission):
                self._judge_submission(who, record)
                whose = submission.origin.owner
                self._owners.append((submission.first, submission.end, whose))
                self._nonces[submission.nonce] = whose
            case ItemsAdded(nonce):
                assert is_ruler or (who.role is Role.USER and self._nonces[nonce] == who.name)
            case BlobAdded():
                assert is_ruler or (who.role is Role.USER and not who.is_retired)
            case RangeEnded(ranges, by=by) | Held(ranges, by) | Released(ranges, by) | Altered(ranges, _, by):
                self._judge_by(by.owner, ranges)
            case CancelRequested(job, by=by) | Paused(job, by=by):
                self._judge_by(by.owner, ((job, job + 1),))  # type: ignore[arg-type]
            case JobDelegated(claim, worker):
                self._judge_gift(claim, worker.host)
                self._claims[claim.job] = claim
            case JobFinished(ended):
                if ended.ending is Ending.FINISHED and question is not None:
                    self._judge_word(who, self._claims[ended.job])
            case JobRequeued(claim) | StrayEnded(claim) | ResultRefused(claim):
                if isinstance(question, m.Report | m.Goodbye):
                    self._judge_word(who, claim)

    def _judge_limit(self, who: Who, name: str, by: str) -> None:
        if who.is_administrator:
            return
        if name.startswith("array:"):
            assert who.role is Role.USER, "a node sets a limit"
            assert self.owner(int(name.removeprefix("array:"))) == who.name, "a limit of another's array"
            return
        assert (Role.NODE, f"node:{who.name}", HEALTH) == (who.role, name, by), "a limit of the cluster's"

    def _judge_submission(self, who: Who, record: JobsSubmitted) -> None:
        if who.is_administrator:
            return
        submission = record.submission
        assert who.role is Role.USER, "a node submits"
        assert not who.is_retired, "an old key submits"
        assert submission.origin.owner == who.name, "the owner is whose key it is"
        assert submission.terms.keyed
        assert submission.terms.priority <= 0, "nobody has raised what users may have"
        for first, end in record.again:
            assert {self.owner(job) for job in range(first, end)} == {who.name}, "another's is retried"

    def _judge_by(self, by: str, ranges: Ranges) -> None:
        """Whoever's name is on it did that to jobs of his own."""
        if by == ROOT:
            assert self.has_ruled
        elif by:
            owners = {self.owner(job) for first, end in ranges for job in range(first, end)}
            assert owners <= {by}, f"{by} did that to jobs of {owners}"

    def _judge_gift(self, claim: Claim, host: str) -> None:
        """With a user's key a worker gets that user's jobs; and what it says of its host is not a node's."""
        if claim.worker in self._administered:
            return
        role, _, rest = claim.worker.partition(":")
        name = rest.partition(":")[0]
        if role == "user":
            assert self.owner(claim.job) == name, "a user's worker has another's job"
            assert host.startswith(f"{name}@"), "a user's worker is at a node"
        elif role == "node":
            assert host == name, "a node is another"

    def _judge_word(self, who: Who, claim: Claim) -> None:
        if not who.is_administrator:
            assert claim.worker.startswith(f"{who.role}:{who.name}:"), "somebody speaks for others' workers"

    def _judge_reply(self, reply: m.Reply) -> None:
        """In no answer is anything private of another's; a node reads what it is to run."""
        who, answer = reply.handle.who, reply.answer
        if who.is_administrator or isinstance(answer, m.Orders | m.BlobPiece):
            if isinstance(answer, m.Orders) and who.role is Role.USER:
                self._judge_orders(who, answer)
            return
        told = str(answer).replace(f"{SECRET}{who.name}", "") if who.role is Role.USER else str(answer)
        assert SECRET not in told, f"{who.role} '{who.name}' reads what is another's: {told}"

    def _judge_orders(self, who: Who, orders: m.Orders) -> None:
        batches = [batch for batch in orders.run if batch.place not in self._administered]
        jobs = [job.id for batch in batches for job in batch.jobs]
        assert {self.owner(job) for job in jobs} <= {who.name}, "a user's worker reads another's job"
