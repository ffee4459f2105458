"""One question of each kind that there is, as somebody's own client or worker would ask it."""

from epochs import EPOCH

from goq.core import messages as m
from goq.core.messages.keys import KeyDeed
from goq.core.values.blobs import blob_of
from goq.core.values.changes import Hold
from goq.core.values.ids import Argv, Environment, JobId, Nonce, WorkerId
from goq.core.values.job import By, Claim, Worker
from goq.core.values.logs import Stand
from goq.core.values.selectors import Number, Selector
from goq.core.values.terms import Terms
from goq.core.values.who import Role, Who

BY = By("root", "head", 7)


def submission(submitter: str = "mallory@head", terms: Terms | None = None) -> m.Submit:
    return m.Submit(
        Argv(b"/bin/run\0--seed\0007"), b"/home", Environment(b"A=1"), submitter, terms or Terms()
    )


def worker_id(who: Who) -> WorkerId:
    return WorkerId(f"{who.holder}:w" if who.holder else "w")


def questions(who: Who) -> list[m.Question]:
    """One of each kind, as their own client or worker would ask it, about a job of their own if about one."""
    me, claim = Worker(worker_id(who), "n1", 1), Claim(EPOCH, JobId(1), 1, WorkerId(f"{worker_id(who)}-0"))
    mine = Selector((Number(JobId(1)),))
    return [
        submission(),
        m.AddItems(Nonce(bytes(16)), 0, (b"x",)),
        m.AddBlob(Nonce(bytes(16)), blob_of(b"x"), 0, bytes(32), b"x"),
        m.Retry(mine),
        m.Report(me, 1, wants=((claim.worker, 1),)),
        m.OutputChunk(claim, 0, b"x", bytes(32), bytes(32)),
        m.FetchBlob(blob_of(b"x"), 0),
        m.Goodbye(me),
        m.Cancel(JobId(1)),
        m.CancelEach((JobId(1),)),
        m.Change(mine, Hold()),
        m.Observe(JobId(1)),
        m.ObserveEach((JobId(1),)),
        m.TakeSnapshot(10),
        m.ShutdownServer(),
        m.ImmolateWorkers(),
        m.Reset(),
        m.SetKey(Role.USER, "eve", KeyDeed.ADD, BY),
        m.ShowKeys(Role.USER),
        m.SetLimit("all", 0, "", BY),
        m.ShowLimits(),
        m.ShowWorkers(),
        m.ShowCluster(),
        m.AskWhy(((JobId(1), JobId(2)),)),
        m.AskReasons(((JobId(1), JobId(2)),)),
        m.AskUse(JobId(1)),
        m.AskWaiting(),
        m.Mean(mine, "x"),
        m.Look(b"x"),
        m.News(0),
        m.Follow((Stand(1),)),
    ]
