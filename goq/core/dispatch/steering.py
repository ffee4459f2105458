"""What workers are told: what is wanted of each job is compared with what its worker says. Pure."""

from goq.core.board.voices import Voice
from goq.core.dispatch.decision import Outcome
from goq.core.dispatch.moves import Moves
from goq.core.messages import Batch, Orders, Signal, Steer
from goq.core.state.running import RunningJob
from goq.core.values.ids import WorkerId
from goq.core.values.job import Claim, Origin
from goq.core.values.result import SIGKILL

RUN_BYTES = 1024 * 1024  # of commands and their environments in one answer, before the last


class Steering:
    """Answers reports, once there is something to order."""

    def __init__(self, moves: Moves) -> None:
        self._moves = moves
        self._state = moves.state
        self._now: dict[
            WorkerId, tuple[Claim, ...]
        ] = {}  # whose reports had news; which results came to nothing

    def answer(self, worker: WorkerId, refused: tuple[Claim, ...]) -> None:
        """The worker's report is to be answered in this turn."""
        self._now[worker] = refused

    def give_orders(self, outcome: Outcome) -> None:
        """Tell those workers something whose jobs, or whose reports, are not what they were."""
        touched, self._moves.touched = self._moves.touched, {}
        for name in touched:
            voice = self._moves.voices.get(name)
            if voice is None or voice.asker is None:
                continue
            orders, is_stuck = self._draft(name, voice)
            if orders is not None or is_stuck or name in self._now:
                self._send(name, orders or Orders(name, self._now.get(name, ())), outcome)
        self._now.clear()

    def send_due(self, now_s: float, outcome: Outcome) -> None:
        """Answer those that have waited long enough: silence would mean that the connection is dead."""
        for name, asker in self._moves.voices.take_due(now_s):
            self._moves.idle.close(name)
            outcome.replies.append(asker.reply(Orders(name)))

    def dismiss(self, worker: WorkerId, outcome: Outcome) -> None:
        """Answer a worker that is given up, if it still waits: in its next report it hears what has become of its jobs."""
        if self._moves.voices.get(worker):
            self._send(worker, Orders(worker), outcome)

    def _send(self, name: WorkerId, orders: Orders, outcome: Outcome) -> None:
        asker = self._moves.voices.take(name)
        self._moves.idle.close(name)
        if asker is not None:
            outcome.replies.append(asker.reply(orders))

    def _draft(self, name: WorkerId, voice: Voice) -> tuple[Orders | None, bool]:
        """What the worker is to be told, if anything; whether it cannot be told before it has said more."""
        signals: list[Signal] = []
        steer: list[Steer] = []
        named = set()
        for held in voice.report.held:
            named.add(held.claim)
            running = self._state.held_by(held.claim)
            if running is None:
                if not self._state.is_stray(held.claim):  # that may go on, and has no lease
                    signals.append(Signal(held.claim, SIGKILL, lost=True))
            elif running.kill_signal not in (0, held.told):
                signals.append(Signal(held.claim, running.kill_signal))
            else:
                course = self._moves.course_of(running)
                if course != held.course:
                    steer.append(Steer(held.claim, course))
        run, is_stuck = self._run(name, voice, named) if voice.is_given else ((), False)
        is_over = not voice.report.held and not self._moves.given.get(name)
        leave = name in self._moves.leaving and is_over
        refused = self._now.get(name, ())
        if not (run or signals or steer or leave or refused):
            return None, is_stuck
        return Orders(name, refused, run, tuple(signals), tuple(steer), leave), is_stuck

    def _run(self, name: WorkerId, voice: Voice, named: set[Claim]) -> tuple[tuple[Batch, ...], bool]:
        """What it has been given and does not name, as much as fits; whether some of that is to be killed."""
        given = self._moves.given.get(name, {})
        batches: dict[tuple[WorkerId, Origin], list[RunningJob]] = {}
        size, is_stuck = 0, False
        for job in sorted(given):
            running = self._state.running[job]
            if running.claim in named:
                continue
            if running.kill_signal:  # its next report tells whether it has that
                is_stuck = True
                continue
            key = running.claim.worker, running.job.origin
            if key not in batches:
                size += len(running.job.origin.environment)
            size += len(running.job.argv)
            if size > RUN_BYTES and batches:
                break  # the rest it does not name next time either
            batches.setdefault(key, []).append(running)
            given[job] = voice.report.serial
        run = [Batch(place, tuple(each.job for each in jobs)) for (place, _), jobs in batches.items()]
        return tuple(run), is_stuck
