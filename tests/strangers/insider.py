"""A user who floods with a key of his own: `python -m strangers.insider KIND CONNECTIONS`, with his GOQ_HOME.

Goes on until its stdin ends, as fast as the server lets him, over several connections, and reads no answer but to throw it
away. Then tells as JSON how much he has sent. Each kind is a question that costs the server more than it costs him.
"""

import json
import os
import select
import socket
import sys
import time
from collections.abc import Callable

from goq.adapters.clusterid import require_secret
from goq.adapters.config import load_config
from goq.adapters.wire.codec import encode
from goq.adapters.wire.keys import who_of
from goq.adapters.wire.signing import Signer
from goq.core import messages as m
from goq.core.values.changes import Hold, Release
from goq.core.values.ids import NO_EPOCH, Argv, Environment, JobId, Nonce, WorkerId
from goq.core.values.job import By, Worker
from goq.core.values.pages import Rows
from goq.core.values.queries import query_bytes
from goq.core.values.room import Offer
from goq.core.values.selectors import Jobs, Selector
from goq.core.values.terms import Terms
from strangers.wire import GREETING, connect, framed

AGAIN_S = 20.0  # a question is new for as long
DISTINCT = 50
LINES = tuple(b"true\0%06d" % number for number in range(20_000))
BY = By("", "there", 1)
PART = 65536


def _look(_: str, __: int) -> m.Question:
    return m.Look(query_bytes(Rows(by_job=True, since_s=1e9, limit=1000)))


def _submit(_: str, number: int) -> m.Question:
    terms = Terms(held=True, name=f"{number}")
    return m.Submit(Argv(b""), b"/", Environment(b""), "x@there", terms, lines=LINES)


def _work(holder: str, number: int) -> m.Question:
    name = WorkerId(f"{holder}:{number % 300}")
    offer = Offer(cpus=2**31 - 1, gpus=tuple(map(str, range(64))))
    return m.Report(
        Worker(name, f"h{number}", number), 1 + number, offer, wants=((WorkerId(f"{name}-0"), 1),)
    )


def _change(_: str, number: int) -> m.Question:
    what = Hold() if number % 2 else Release()
    return m.Change(Selector((Jobs(JobId(1), JobId(1_000_000)),), user=""), what, BY)


KINDS: dict[str, Callable[[str, int], m.Question]] = {
    "snapshot": lambda _, __: m.TakeSnapshot(1000),
    "cluster": lambda _, __: m.ShowCluster(),
    "look": _look,
    "submit": _submit,
    "work": _work,
    "change": _change,
    "observe": lambda _, number: m.Observe(JobId(1 + number)),
}


def main(kind: str, connections: int) -> None:
    secret = require_secret(config := load_config())
    holder, links = who_of(secret).holder, list[socket.socket | None]([None] * connections)
    frames, began, made_s, at = 0, time.monotonic(), float("-inf"), 0
    burst: list[bytes] = []
    left: list[memoryview] = [memoryview(b"")] * connections
    while not select.select([sys.stdin], [], [], 0)[0]:
        if time.monotonic() - made_s > AGAIN_S:
            burst, made_s = _sealed(kind, secret, holder, at), time.monotonic()
            at += DISTINCT
        frames += sum(_push(links, left, number, burst, frames, config.port) for number in range(connections))
        time.sleep(0.0005)
    cpu = os.times()
    told = {"frames": frames, "cpu_s": cpu.user + cpu.system, "elapsed_s": time.monotonic() - began}
    print(json.dumps(told))


def _sealed(kind: str, secret: str, holder: str, at: int) -> list[bytes]:
    """Questions as they go over the wire."""
    signer = Signer(secret)
    asked = (KINDS[kind](holder, at + number) for number in range(DISTINCT))
    return [
        framed(signer.seal(encode(each, Nonce(os.urandom(16)), b"", time.time_ns(), NO_EPOCH)), number + 1)
        for number, each in enumerate(asked)
    ]


def _push(
    links: list[socket.socket | None],
    left: list[memoryview],
    at: int,
    burst: list[bytes],
    sent: int,
    port: int,
) -> int:
    """Send on over one connection what goes, and throw away what has come; whether a new question has begun."""
    link = links[at]
    try:
        if link is None:
            link = links[at] = connect(port)
            link.sendall(GREETING)
            link.setblocking(False)
        while _throw_away(link):
            pass
        begins = not left[at]
        if begins:
            left[at] = memoryview(burst[(sent + at) % len(burst)])
        left[at] = left[at][link.send(left[at]) :]
    except BlockingIOError:
        return 0
    except OSError:
        if link is not None:
            link.close()
        links[at], left[at] = None, memoryview(b"")
        return 0
    return int(begins)


def _throw_away(link: socket.socket) -> bool:
    try:
        return len(link.recv(PART)) == PART
    except BlockingIOError:
        return False


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
