"""What people look at that no table has, and limits, which they set: a handler a question. Pure."""

from goq.core.dispatch.decision import Counts, Outcome, Past
from goq.core.dispatch.drains import Drains, look_for_holes
from goq.core.dispatch.machines import Machines
from goq.core.dispatch.moves import Moves
from goq.core.dispatch.overview import Facts, Overview, Worries
from goq.core.dispatch.waiting import waiting_of
from goq.core.dispatch.whys import Whys
from goq.core.messages import (
    AckLimit,
    Answer,
    AskReasons,
    AskUse,
    AskWaiting,
    AskWhy,
    ClusterShown,
    LimitRow,
    LimitsShown,
    Refused,
    SetLimit,
    ShowCluster,
    ShowLimits,
    ShowWorkers,
    UseShown,
    WorkersShown,
)
from goq.core.state.records import LimitSet
from goq.core.values.ids import JobId, Now
from goq.core.values.limit_names import ARRAY, BLACKHOLE, HEALTH, NODE, BadLimit, check_limit
from goq.core.values.who import Who

ROWS_LIMIT = 5000
Look = SetLimit | ShowLimits | ShowWorkers | ShowCluster | AskWhy | AskReasons | AskUse | AskWaiting


class Looks:
    """Answers what is asked about the board, and sets limits."""

    def __init__(self, moves: Moves, facts: Facts, worries: Worries, counts: Counts) -> None:
        self._moves = moves
        self._state = moves.state
        self._drains = Drains(moves)
        self._machines = Machines(moves)
        self._whys = Whys(moves)
        self._cluster = Overview(moves, facts, worries, self._machines, self._whys, counts)

    def answer(self, question: Look, who: Who, now: Now, outcome: Outcome, past: Past = ()) -> Answer:
        """What they ask, or that it is set."""
        match question:
            case SetLimit():
                return self._set_limit(question, now, outcome)
            case ShowLimits():
                return self._limits()
            case ShowWorkers():
                return WorkersShown(self._machines.rows(now))
            case ShowCluster():
                return ClusterShown(self._cluster.shown(now, who))
            case AskWhy():
                return self._whys.why(question, past, now)
            case AskReasons(of):
                return self._whys.reasons(of)
            case AskWaiting():
                return waiting_of(self._moves, self._whys)
            case AskUse(job):
                running = self._state.running.get(job)
                return UseShown(self._moves.uses.of(running, steps=True) if running else None)

    def _set_limit(self, limit: SetLimit, now: Now, outcome: Outcome) -> Answer:
        try:
            check_limit(limit.name, limit.amount)
        except BadLimit as error:
            return Refused(str(error))
        array = limit.name.removeprefix(ARRAY)
        if array != limit.name:
            live = self._state.submissions.get(JobId(int(array)))
            if live is None or live.first != int(array):
                return Refused(f"no submission that begins with job {array} has jobs that wait or run")
        host = limit.name.removeprefix(NODE)
        if limit.now and (host == limit.name or limit.amount != 0):
            return Refused("only a host that is drained hands back what runs there")
        if limit.by.owner == HEALTH and limit.name.startswith(NODE):
            self._drains.heed(limit, now, outcome)
        else:
            self._set(limit, host, now, outcome)
        if limit.name == BLACKHOLE:
            self._moves.holes.judge_anew()
            look_for_holes(self._moves, now, outcome)
        return AckLimit(self._drawn(limit.name))

    def _set(self, limit: SetLimit, host: str, now: Now, outcome: Outcome) -> None:
        was_now = self._state.is_drained_at_once(host)
        if self._state.limits.get(limit.name) == limit.amount and not limit.why and limit.now == was_now:
            return
        record = LimitSet(limit.name, limit.amount, limit.why, limit.by, now.wall_ns, now=limit.now)
        self._moves.emit(record, outcome)
        self._moves.placement.limits_changed()
        if limit.now != was_now:
            for running in [run for run in self._state.running.values() if run.worker.host == host]:
                self._moves.steer(running.job.id)

    def _drawn(self, name: str) -> int:
        return self._moves.placement.drawn(name)

    def _limits(self) -> LimitsShown:
        rows = []
        for name, amount in sorted(self._state.limits.items())[:ROWS_LIMIT]:
            record = self._state.limit_records.get(name)
            how = (record.why, record.by.owner, record.at_ns) if record else ("", "", 0)
            rows.append(LimitRow(name, amount, self._drawn(name), *how))
        return LimitsShown(tuple(rows))
