"""An event loop asks: many questions at once, over one connection, without a thread."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from system.cluster import Cluster

from goq.api.aio import AsyncClient
from goq.api.client import Client
from goq.core.values.happenings import Happening
from goq.core.values.lives import LifeOf
from goq.core.values.pages import Rows
from goq.core.values.selectors import selector_of
from goq.errors import BadCommand, GoqError, RequestRefused, ServerUnreachable

Ask = Callable[[AsyncClient], Coroutine[Any, Any, Any]]


def asked(ask: Ask) -> Any:
    """What comes of it, in a loop of its own."""

    async def go() -> Any:
        async with AsyncClient(timeout=30) as client:
            return await ask(client)

    return asyncio.run(asyncio.wait_for(go(), 100))


def test_tasks_submit_and_wait_at_once(working: Cluster) -> None:
    """Each has its own job, and no thread was made for it."""

    async def one(client: AsyncClient, at: int) -> tuple[int, int]:
        (job,) = await client.submit(["sh", "-c", f"exit {at}"])
        (result,) = await client.wait(job)
        assert job == result.job
        return job, result.status

    async def all_of(client: AsyncClient) -> list[tuple[int, int]]:
        await client.stat()  # what finds the cluster id has had its thread
        before = threading.active_count()
        got = await asyncio.gather(*(one(client, at) for at in range(40)))
        assert before == threading.active_count()
        return list(got)

    got = asked(all_of)
    assert 40 == len({job for job, _ in got})
    assert [*range(40)] == [status for _, status in got]


def test_arrays_are_ranges_and_what_cannot_be_is_told(working: Cluster) -> None:
    """The same sentences as of a Client."""

    async def go(client: AsyncClient) -> None:
        jobs = await client.submit(["true"], array="1-3", hold=True)
        assert 3 == len(jobs)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await client.wait(jobs)
        assert 3 == (await client.hold(jobs)).same
        assert 3 == (await client.release(jobs)).changed
        assert [0, 0, 0] == [result.status for result in await client.wait(jobs)]
        with pytest.raises(RequestRefused):
            await client.why("nobody")
        assert 3 == (await client.kill(jobs)).ended
        assert await client.workers()

    asked(go)


def test_events_are_waited_for_beside_others(working: Cluster, client: Client) -> None:
    """A task that follows is in nobody's way."""
    since = client.latest().seq

    async def until(client: AsyncClient, job: int) -> list[Happening]:
        heard = []
        async for event in client.events(since):
            heard.append(event)
            if event.state and event.job == job:
                break
        return heard

    async def go(client: AsyncClient) -> list[Happening]:
        (job,) = await client.submit(["true"], hold=True)
        following = asyncio.create_task(until(client, job))
        for _ in range(5):
            await client.stat()
        await client.release(job)
        return await following

    heard = [event for event in asked(go) if event.seq > since]
    assert ["submitted", "released", "delegated", "finished"] == [event.event for event in heard]


def test_a_task_that_is_cancelled_leaves_nothing_behind(working: Cluster) -> None:
    """The connection goes on for others."""

    async def go(client: AsyncClient) -> None:
        (job,) = await client.submit(["true"], hold=True)
        waiting = asyncio.create_task(client.wait(job))
        await client.stat()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert 1 == (await client.kill(job)).changed
        assert 0 == client._line._open

    asked(go)


def test_without_a_server_that_is_told(
    tmp_path: Path, working: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the loop goes on meanwhile."""
    monkeypatch.setenv("GOQ_JSERV_PORT", "1")

    async def go() -> None:
        async with AsyncClient(timeout=0.3) as client:
            ticks = 0

            async def tick() -> None:
                nonlocal ticks
                while True:
                    ticks += 1
                    await asyncio.sleep(0)

            ticking = asyncio.create_task(tick())
            for _ in range(2):
                with pytest.raises(ServerUnreachable, match="no job server"):
                    await client.stat()
            assert ticks > 10
            ticking.cancel()
        with pytest.raises(GoqError, match="closed"):
            await client.stat()

    asyncio.run(asyncio.wait_for(go(), 60))


def test_a_client_belongs_to_one_loop(working: Cluster) -> None:
    """In another one it would never wake."""
    client = AsyncClient(timeout=30)
    asyncio.run(client.stat())
    with pytest.raises(GoqError, match="another event loop"):
        asyncio.run(client.stat())
    client.close()


def test_jobs_and_the_cluster_are_steered(working: Cluster) -> None:
    """As by a Client, with the same sentences."""

    async def go(client: AsyncClient) -> None:
        (bad,) = await client.submit(["sh", "-c", "exit 3"], name="fold")
        await client.wait(bad)
        ((again,),) = await client.retry(bad, failed=True, name="other", hold=True)
        assert 1 == (await client.alter(again, priority=7)).changed
        (row,) = (await client.look(Rows(selector_of([str(again)])))).rows
        assert ("other", bad) == (row.name, row.again_of)
        assert 7 == (await client.look(LifeOf(again))).terms["priority"]
        with pytest.raises(BadCommand, match="nothing is to be altered"):
            await client.alter(again)
        (long,) = await client.submit(["sleep", "1000"])
        assert 0 == await client.limit("user:nobody-here", 5)
        assert ["user:nobody-here"] == [each.name for each in await client.limits()]
        await until_running(client, long)
        assert 1 == (await client.pause(long)).changed
        assert 1 == (await client.resume(long)).changed
        host = (await client.workers())[0].host
        assert 1 == await client.drain(host, why="new disk")
        assert "draining" == (await client.workers())[0].state
        await client.undrain(host)
        assert "ready" == (await client.workers())[0].state
        await client.kill(long, again)

    asked(go)


async def until_running(client: AsyncClient, job: int) -> None:
    """Wait until it runs."""
    seq = 0
    while not (await client.why(job)).where:
        seq = await client.news(seq)
