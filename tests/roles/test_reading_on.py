"""Reading on in what a job writes: each byte once, in order, over attempts, whatever the server has forgotten."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct, msgpack

from goq.api.logs import Began, Over, Reading, Said, Wrote, lines_of, read_now, read_on, stands_of
from goq.core.messages import Answer, Follow, Followed, JobNotKnown, Look, Question, Shown
from goq.core.values.ids import JobId
from goq.core.values.logs import GIVEN_UP, STANDS_LIMIT, TRIED_AGAIN, AskLog, Attempt, LogPart, Phase, Stand
from goq.core.values.queries import read_query
from goq.core.values.result import OUT
from goq.errors import JobUnknown

JOB = JobId(1)


class Try(Struct):
    """An attempt: what it has written, how much of that has come, and how it ended, if it has."""

    output: bytes = b""
    come: int = 0
    ending: str = ""


class Job:
    """What a server would say of a job, which may change between two questions."""

    def __init__(self, *tries: Try) -> None:
        self.tries = list(tries)
        self.is_over = False

    @property
    def stand(self) -> Stand:
        if self.is_over:
            return Stand(JOB, 0, Phase.OVER)
        last = self.tries[-1] if self.tries else None
        if last is None or last.ending:
            return Stand(JOB, len(self.tries), Phase.WAITS)
        return Stand(JOB, len(self.tries), Phase.RUNS, last.come)

    def ask(self, question: Question) -> Answer:
        if isinstance(question, Follow):
            (seen,) = question.stands
            return Followed((self.stand,) if self.stand.tells_more_than(seen) else ())
        assert isinstance(question, Look)
        asked = read_query(question.query)
        assert isinstance(asked, AskLog)
        return Shown(msgpack.encode(self._part(asked)))

    def _part(self, asked: AskLog) -> LogPart:
        number = asked.attempt or len(self.tries)
        if not number:
            return LogPart(JOB, Attempt(0, 0, ending="cancelled" if self.is_over else ""), "")
        its = self.tries[number - 1]
        attempt = Attempt(len(self.tries), number, ending=its.ending)
        if its.ending == GIVEN_UP:
            return LogPart(JOB, attempt, "out", trouble="lost")
        length = len(its.output) if its.ending else min(asked.upto, its.come)
        data = its.output[asked.offset : min(length, asked.offset + asked.limit)]
        return LogPart(JOB, attempt, "out", asked.offset, data, length)

    def end(self, ending: str) -> None:
        """The attempt is over; the job too, unless it is tried again."""
        self.tries[-1].ending = ending
        self.is_over = ending not in (TRIED_AGAIN, GIVEN_UP)


def told(reading: Reading, job: Job) -> list[Said]:
    """What is told of the job as it stands."""
    return list(reading.catch_up(job.stand))


def bytes_of(said: list[Said]) -> bytes:
    return b"".join(each.data for each in said if isinstance(each, Wrote))


@given(st.data())
def test_each_byte_is_told_once_and_in_order_over_attempts(data: st.DataObject) -> None:
    """However far a server is that may have forgotten all that came, and whenever somebody looks."""
    job = Job()
    reading = Reading(job.ask, JOB, begin=1)
    said: list[Said] = []
    expected = b""
    for number in range(1, data.draw(st.integers(1, 3)) + 1):
        its = Try(data.draw(st.binary(max_size=30)))
        job.tries.append(its)
        for come in data.draw(st.lists(st.integers(0, len(its.output)), max_size=4)):
            its.come = come
            if data.draw(st.booleans()):
                said += told(reading, job)
        expected += its.output
        job.end(TRIED_AGAIN if number < 3 else "finished")
        if data.draw(st.booleans()):
            said += told(reading, job)
    job.end("finished")
    said += told(reading, job)
    numbers = [each.part.at.number for each in said if isinstance(each, Began)]

    assert expected == bytes_of(said)
    assert list(range(1, len(job.tries) + 1)) == numbers
    assert reading.is_done
    assert isinstance(said[-1], Over)
    assert "finished" == said[-1].part.at.ending


def test_of_an_attempt_that_was_given_up_nothing_more_is_told() -> None:
    """The next one writes all of it anew."""
    job = Job(Try(b"one two", come=4))
    reading = Reading(job.ask, JOB)
    first = told(reading, job)
    job.end(GIVEN_UP)
    job.tries.append(Try(b"one two", come=3))
    second = told(reading, job)

    assert (b"one ", b"one") == (bytes_of(first), bytes_of(second))
    assert [Over, Began, Wrote] == [type(each) for each in second]


def test_an_end_is_told_once_and_another_one_when_the_job_is_killed_after_it() -> None:
    job = Job(Try(b"one"))
    reading = Reading(job.ask, JOB)
    job.end(TRIED_AGAIN)
    first, again = told(reading, job), told(reading, job)
    job.tries[0].ending, job.is_over = "cancelled", True
    last = told(reading, job)

    assert [Began, Wrote, Over] == [type(each) for each in first]
    assert [] == again
    assert ["cancelled"] == [each.part.at.ending for each in last if isinstance(each, Over)]


def test_a_job_that_never_began_is_over_all_the_same() -> None:
    job = Job()
    job.is_over = True
    (over,) = told(Reading(job.ask, JOB), job)

    assert isinstance(over, Over)
    assert over.part.at.is_last


def test_who_waits_for_a_job_misses_no_attempt_of_it() -> None:
    """Three may have ended before he is told that one has begun."""
    job = Job()
    reading = Reading(job.ask, JOB)
    assert [] == told(reading, job)
    job.tries = [Try(b"one", ending=TRIED_AGAIN), Try(b"two", ending="finished")]
    job.is_over = True

    assert b"onetwo" == bytes_of(told(reading, job))


def test_one_attempt_alone_is_done_when_it_is_over() -> None:
    job = Job(Try(b"one", ending=TRIED_AGAIN), Try(b"two", come=2))
    reading = Reading(job.ask, JOB, begin=1, only=True)
    said = told(reading, job)

    assert b"one" == bytes_of(said)
    assert reading.is_done


@pytest.mark.parametrize(
    ("output", "back", "last"),
    [
        (b"1\n2\n3\n", 2, b"2\n3\n"),
        (b"1\n2\n3", 2, b"2\n3"),
        (b"1\n2\n3\n", 9, b"1\n2\n3\n"),
        (b"1\n2\n3\n", 0, b""),
        (b"\n\n\n", 1, b"\n"),
        (b"", 3, b""),
        (b"x" * 200_000 + b"\n" + b"y" * 200_000 + b"\nz", 2, b"y" * 200_000 + b"\nz"),
        (b"x" * 3_000_000, 1, b"x" * 3_000_000),
    ],
)
@pytest.mark.parametrize("is_over", [True, False])
def test_reading_begins_so_many_lines_back(output: bytes, back: int, last: bytes, is_over: bool) -> None:
    """The last line counts whether it has its end or not."""
    job = Job(Try(output, come=len(output)))
    if is_over:
        job.end("finished")

    assert last == bytes_of(told(Reading(job.ask, JOB, back=back), job))


@given(st.binary(max_size=40).map(lambda data: data.replace(b"\0", b"\n")), st.integers(1, 12))
def test_lines_are_counted_as_tail_counts_them(output: bytes, back: int) -> None:
    job = Job(Try(output, ending="finished"))
    job.is_over = True
    lines = output.split(b"\n")
    lines = [each + b"\n" for each in lines[:-1]] + ([lines[-1]] if lines[-1] else [])

    assert b"".join(lines[-back:]) == bytes_of(told(Reading(job.ask, JOB, back=back), job))


class Crowd:
    """Many jobs, all of which have ended; and how many were followed at once."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def ask(self, question: Question) -> Answer:
        if isinstance(question, Follow):
            self.asked.append(len(question.stands))
            return Followed(tuple(Stand(seen.job, 0, Phase.OVER) for seen in question.stands[::-1]))
        assert isinstance(question, Look)
        asked = read_query(question.query)
        assert isinstance(asked, AskLog)
        data = b"%d\n" % asked.job if not asked.offset and asked.limit else b""
        length = len(b"%d\n" % asked.job)
        attempt = Attempt(1, 1, ending="finished")
        return Shown(msgpack.encode(LogPart(JobId(asked.job), attempt, "out", asked.offset, data, length)))

    def readings(self, count: int) -> list[Reading]:
        return [Reading(self.ask, JobId(job)) for job in range(1, count + 1)]


def text_of(said: Iterator[tuple[Reading, Said] | None]) -> list[bytes]:
    return [each[1].data for each in said if each and isinstance(each[1], Wrote)]


def test_many_are_asked_about_some_at_a_time_and_told_in_their_order() -> None:
    crowd = Crowd()
    count = STANDS_LIMIT + 5
    now, on = crowd.readings(count), crowd.readings(count)
    expected = [b"%d\n" % job for job in range(1, count + 1)]

    assert expected == text_of(read_now(crowd.ask, now))
    assert expected == text_of(read_on(crowd.ask, on))
    assert [STANDS_LIMIT, 5] * 2 == crowd.asked
    assert all(reading.is_done for reading in on)


def test_a_job_that_is_not_known_is_an_error() -> None:
    with pytest.raises(JobUnknown):
        list(stands_of(lambda _: JobNotKnown(JOB), [Reading(Job().ask, JOB, OUT)]))


def test_what_a_server_has_forgotten_is_read_from_the_file() -> None:
    """It was started again, and the job has written nothing since."""
    job = Job(Try(b"one\ntwo\n", come=8))
    reading = Reading(job.ask, JOB, back=1)

    assert b"two\n" == bytes_of(list(reading.catch_up(Stand(JOB, 1, Phase.RUNS, 0))))
    assert 8 == reading.seen.length


def test_lines_come_whole_and_the_last_one_with_what_it_has() -> None:
    job = Job(Try(b"one\ntw", ending=TRIED_AGAIN), Try(b"three\n\nfour", ending="finished"))
    job.is_over = True
    how = {"follow": True, "back": None, "begin": 1, "only": False}

    assert [b"one\n", b"tw", b"three\n", b"\n", b"four"] == list(lines_of(job.ask, JOB, OUT, **how))  # type: ignore[arg-type]
