"""An agent and all around it for examples: the server's answers are the test's."""

from epochs import EPOCH
from place import Fates, Played

from goq.core.messages import Question
from goq.core.values.ids import Argv, Environment, JobId, WorkerId
from goq.core.values.job import Claim, Job, Origin, Worker
from goq.core.worker.agent import Agent
from goq.core.worker.attempts import SHEPHERD_JOBS
from goq.core.worker.events import Begin
from goq.core.worker.health import Health
from goq.core.worker.instructions import Instruction, Start
from goq.core.worker.rules import Rules
from goq.core.worker.talk import AckFinished, DelegateToWorker, FinishedWork, RequestForWork, Saying, Told

WORKER = Worker(WorkerId("node7-1"), "node7", 4711)
ORIGIN = Origin(b"/home/ann", Environment(b"A=1"), "ann@head")
FOREVER = Rules(forever=True, timeout_s=1.0, heartbeat_s=5.0, kill_grace_s=3.0)
ONCE = Rules(forever=False, timeout_s=1.0, heartbeat_s=5.0, kill_grace_s=3.0)
BEHIND = tuple(range(2, SHEPHERD_JOBS + 4))  # jobs behind the first, some of them still in the hand


def job(number: int, attempt: int = 1) -> Job:
    """A job that can be told apart."""
    return Job(JobId(number), Argv(b"run\0%d" % number), ORIGIN, 0, attempt, epoch=EPOCH)


def claim(number: int, attempt: int = 1) -> Claim:
    """The claim on that job."""
    return Claim(EPOCH, JobId(number), attempt, WORKER.id)


class Bench(Played):
    """One agent with a shepherd, and a server that is played by the test."""

    def __init__(self, rules: Rules = FOREVER, health: Health | None = None) -> None:
        super().__init__(Agent(WORKER, rules, health or Health()), Fates(), self._sent, lambda number: None)
        self.sent: list[tuple[int, Question | Saying]] = []
        self.now_s = 1000.0
        self.tell(Begin())
        self.connected(is_up=True)

    def _sent(self, number: int, question: Question | Saying) -> None:
        self.sent.append((number, question))

    def asked(self, kind: type[Saying]) -> Saying:
        """The question of that kind that is open."""
        (question,) = (each for each in self.open.values() if isinstance(each, kind))
        return question

    def message(self) -> FinishedWork:
        """The message that is under way."""
        message = self.asked(FinishedWork)
        assert isinstance(message, FinishedWork)
        return message

    def answer(self, kind: type[Saying], answer: Told) -> None:
        """The server answers the open question of that kind."""
        number = next(at for at, question in self.open.items() if isinstance(question, kind))
        self.answered(number, answer)

    def give(self, *numbers: int) -> None:
        """The server answers with these jobs."""
        self.give_jobs(*map(job, numbers))

    def give_jobs(self, *jobs: Job) -> None:
        """The server answers with these."""
        if any(isinstance(question, RequestForWork) for question in self.open.values()):
            self.answer(RequestForWork, DelegateToWorker(jobs))
        else:
            self.answer(FinishedWork, AckFinished((), jobs))

    def wait(self, seconds: float) -> None:
        """Time passes, with a turn whenever the agent wants one, and at the end."""
        end_s = self.now_s + seconds
        while self.next_deadline() < end_s:
            self.now_s = max(self.now_s, self.next_deadline())
            self.tick()
        self.now_s = end_s
        self.tick()

    def finish(self, exit_code: int = 0, signal: int = 0) -> None:
        """The job that is on ends, and the agent hears of it."""
        self.end(exit_code, signal)
        self.hear()
        self.tick()

    def refuse(self, trouble: str, problem: str = "no room") -> None:
        """The job that is on cannot be started here, and the agent hears of it."""
        self.fail(trouble, problem)
        self.hear()
        self.tick()

    def lose_shepherd(self, *, unread: bool = True) -> None:
        """The shepherd dies, and the agent hears of it."""
        self.die(unread=unread)
        self.hear()
        self.tick()

    def did(self, kind: type[Instruction]) -> list[Instruction]:
        """All instructions of that kind so far."""
        return [each for each in self.done if isinstance(each, kind)]

    def starts(self) -> list[Start]:
        """What was started, in order."""
        return [each for each in self.done if isinstance(each, Start)]

    def started(self) -> list[int]:
        """The jobs that were started, in order."""
        return [each.job.id for each in self.done if isinstance(each, Start)]
