"""Questions on their way: each gets its own answer, once, through lost connections and strangers."""

import math
import select
import threading
import time
from dataclasses import replace
from functools import partial

import pytest
from adapters.chunks import chunk_of
from adapters.until import wait_until
from epochs import EPOCH, FOREIGN, LATER
from ports import free_address
from reports import beats
from submissions import submit_of

from goq.adapters.wire.codec import encode
from goq.adapters.wire.signing import Signer
from goq.core.messages import (
    AckGoodbye,
    AckReset,
    AckSubmit,
    Answer,
    AskAgain,
    JobNotKnown,
    Observe,
    Orders,
    Refused,
    Reset,
    Signal,
    Snapshot,
    Submit,
    TakeSnapshot,
)
from goq.core.values.ids import NO_EPOCH, JobId, WorkerId
from goq.core.values.job import Claim
from goq.core.values.result import SIGKILL
from goq.core.waits.allegiance import Allegiance
from goq.roles.client.calls import Calls, new_nonce
from roles.counter import ID, OTHER_ID, Counter
from roles.talk import NEVER, Talk

SUBMIT = submit_of(b"ls")


# --- answers -------------------------------------------------------------------------------


def test_an_answer_belongs_to_the_question_that_it_names(talk: Talk) -> None:
    """Heartbeats, output and requests for work of all slots share one connection."""
    got: dict[int, Answer] = {}
    for job in range(5):
        talk.calls.ask(Observe(JobId(job + 1)), partial(got.__setitem__, job), resend_s=NEVER)
    for asked in reversed(talk.asked(5)):
        assert isinstance(asked.question, Observe)
        talk.counter.answer(asked, Refused(f"job {asked.question.job}"))
    talk.until(lambda: len(got) == 5, "all answers")

    assert {job: Refused(f"job {job + 1}") for job in range(5)} == got


def test_a_question_is_answered_once(talk: Talk) -> None:
    """The server may answer both sendings of a question; a job must not be begun twice."""
    talk.ask(Reset())
    (asked,) = talk.asked(1)
    for _ in range(3):
        talk.counter.answer(asked, AckReset())
    talk.ask(Observe(JobId(1)))
    talk.counter.answer(talk.asked(2)[1], AskAgain())

    talk.answered(AckReset(), AskAgain())


def test_an_answer_to_a_cancelled_call_is_ignored(talk: Talk) -> None:
    """A worker stops its heartbeat when the job has ended; the answer comes all the same."""
    call = talk.ask(Observe(JobId(1)))
    (asked,) = talk.asked(1)
    talk.calls.cancel(call)
    talk.calls.cancel(call)
    talk.counter.answer(asked, AskAgain())
    talk.ask(Reset())
    talk.counter.answer(talk.asked(2)[1], AckReset())

    talk.answered(AckReset())
    assert 0 == talk.calls.foreign_answers


def test_the_next_question_may_be_asked_from_an_answer(talk: Talk) -> None:
    """That is how a worker goes from job to job."""

    def again(answer: Answer) -> None:
        talk.answers.append(answer)
        talk.ask(Reset())

    talk.calls.ask(Observe(JobId(1)), again, resend_s=NEVER)
    talk.counter.answer(talk.asked(1)[0], AskAgain())
    talk.counter.answer(talk.asked(2)[1], AckReset())

    talk.answered(AskAgain(), AckReset())


def test_closing_gives_up_what_is_open() -> None:
    """A command that was interrupted must not wait for anything."""
    with Calls(free_address(), Signer(ID)) as calls:
        calls.ask(Reset(), lambda _: None, resend_s=1.0)

    assert NEVER == calls.next_deadline()


# --- strangers -----------------------------------------------------------------------------


def test_an_answer_of_another_cluster_is_counted_and_not_believed(talk: Talk) -> None:
    """The count tells a person why no answer comes; a false server must not hand out jobs."""
    talk.ask(Reset())
    (asked,) = talk.asked(1)
    talk.counter.send(asked, Signer(OTHER_ID).seal(encode(AckReset(), b"", asked.nonce, 1, EPOCH)))
    talk.until(lambda: talk.calls.foreign_answers == 1, "a foreign answer")

    talk.answered()
    talk.counter.answer(asked, AckReset())
    talk.answered(AckReset())


@pytest.mark.parametrize("frame", [b"", b"goq1", bytes(1000), Signer(ID).seal(b"no Zjob at all")])
def test_garbage_instead_of_an_answer_is_counted(talk: Talk, frame: bytes) -> None:
    """Whatever it is, the loop goes on."""
    talk.ask(Reset())
    (asked,) = talk.asked(1)
    talk.counter.send(asked, frame)
    talk.until(lambda: talk.calls.foreign_answers == 1, "a foreign answer")
    talk.counter.answer(asked, AckReset())

    talk.answered(AckReset())


def test_an_answer_to_nobody_s_question_is_ignored(talk: Talk) -> None:
    """Well signed, but of a question that was never asked here."""
    talk.ask(Reset())
    (asked,) = talk.asked(1)
    talk.counter.send(asked, Signer(ID).seal(encode(AckGoodbye(), b"", new_nonce(), 1, EPOCH)))
    talk.counter.send(asked, Signer(ID).seal(encode(Reset(), asked.nonce, b"", 1, EPOCH)))
    talk.counter.answer(asked, AckReset())

    talk.answered(AckReset())


# --- again ---------------------------------------------------------------------------------


def test_a_question_is_asked_again_after_its_time(talk: Talk) -> None:
    """A frame may be lost in a full queue; the new one is dated anew, to be fresh."""
    talk.ask(Observe(JobId(1)), resend_s=0.05)
    asked = talk.asked(3)

    assert 3 == len({each.nonce for each in asked})
    assert [Observe(JobId(1))] * 3 == [each.question for each in asked]
    assert sorted(each.sent_ns for each in asked) == [each.sent_ns for each in asked]
    assert abs(time.time_ns() - asked[-1].sent_ns) < 60e9


def test_a_piece_of_output_is_sent_again_with_its_bytes(talk: Talk) -> None:
    """They lie behind the message, each time."""
    chunk = chunk_of(b"some output" * 1000)
    talk.calls.ask(chunk, talk.answers.append, resend_s=0.05, wanted=chunk.claim.epoch)
    asked = talk.asked(2)

    assert [chunk] * 2 == [each.question for each in asked]
    assert 2 == len({each.nonce for each in asked})


def test_an_answer_to_an_earlier_sending_is_as_good(talk: Talk) -> None:
    """It may have been on its way when the question was asked again."""
    talk.ask(Observe(JobId(1)), resend_s=0.05)
    asked = talk.asked(2)
    talk.counter.answer(asked[0], AskAgain())
    talk.counter.answer(asked[1], AckGoodbye())

    talk.answered(AskAgain())


def test_a_refusal_of_an_earlier_sending_is_ignored(talk: Talk) -> None:
    """nng may keep one for a server that has just started, to which it is too old; a newer one is there."""
    talk.ask(Observe(JobId(1)))
    earlier = talk.asked(1)[0]
    talk.restart()
    newer = talk.asked(1)[0]
    talk.counter.answer(replace(newer, nonce=earlier.nonce), Refused("sent before this server started"))
    talk.counter.answer(newer, AckGoodbye())

    talk.answered(AckGoodbye())


def test_a_refusal_may_come_before_the_news_of_its_connection(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine with much to do: the next server is there, and has refused, while we look for news."""
    talk.ask(Observe(JobId(1)))
    talk.asked(1)
    answers, news = (select.poll() for _ in range(2))
    for poll, fileno in zip((answers, news), talk.calls.filenos(), strict=True):
        poll.register(fileno, select.POLLIN)
    talk.counter.close()
    assert news.poll(20_000), "the end of the connection"
    talk.ask(Observe(JobId(2)))  # nng keeps it for whoever comes next

    def look() -> list[tuple[int, bool]]:
        monkeypatch.undo()
        taken = talk.calls._socket.take_news()
        talk.counter = Counter(talk.address)
        wait_until(talk.counter.look, "what nng has kept")
        talk.counter.answer(talk.counter.asked[0], Refused("sent before this server started"))
        assert answers.poll(20_000), "the refusal"
        return taken

    monkeypatch.setattr(talk.calls._socket, "take_news", look)
    talk.calls.turn()
    for asked in talk.asked(3)[1:]:
        talk.counter.answer(asked, AckGoodbye())

    talk.answered(AckGoodbye(), AckGoodbye())


def test_a_refusal_of_the_latest_sending_is_believed(talk: Talk) -> None:
    """Nothing better is on its way."""
    talk.ask(Observe(JobId(1)))
    talk.restart()
    talk.counter.answer(talk.asked(1)[0], Refused("your clock is 90 s ahead of the server's; set it"))

    talk.answered(Refused("your clock is 90 s ahead of the server's; set it"))


def test_a_submission_is_the_same_however_often_it_is_sent(talk: Talk) -> None:
    """Its nonce is what makes it happen once; all other questions get a new one each time."""
    talk.ask(SUBMIT, resend_s=0.05)
    asked = talk.asked(3)
    talk.counter.answer(asked[2], AckSubmit(JobId(1), JobId(1)))

    talk.answered(AckSubmit(JobId(1), JobId(1)))
    assert 1 == len({each.nonce for each in asked})


def test_a_nonce_may_be_given(talk: Talk) -> None:
    """So that a submission can be repeated by whoever knows it."""
    nonce = new_nonce()
    talk.calls.ask(SUBMIT, talk.answers.append, resend_s=NEVER, nonce=nonce)

    assert nonce == talk.asked(1)[0].nonce


def test_what_is_open_is_asked_again_of_the_next_server(talk: Talk) -> None:
    """A head node reboots; parked requests died with it."""
    talk.ask(Observe(JobId(1)))
    talk.ask(SUBMIT)
    before = {type(each.question): each.nonce for each in talk.asked(2)}
    talk.restart()
    after = {type(each.question): each.nonce for each in talk.asked(2)}
    for asked in talk.counter.asked:
        talk.counter.answer(asked, AskAgain())

    talk.answered(AskAgain(), AskAgain())
    assert before[Submit] == after[Submit]
    assert before[Observe] != after[Observe]


def test_what_was_answered_is_not_asked_again(talk: Talk) -> None:
    """Else every restart of the server would repeat the whole past."""
    talk.ask(Reset())
    talk.counter.answer(talk.asked(1)[0], AckReset())
    talk.answered(AckReset())
    talk.restart()
    talk.ask(Observe(JobId(1)))

    assert [Observe(JobId(1))] == [each.question for each in talk.asked(1)]


def test_sendings_without_an_answer_do_not_pile_up(talk: Talk) -> None:
    """A worker may ask for days while the server cannot read."""
    call = talk.ask(Observe(JobId(1)), resend_s=0.0)
    talk.until(lambda: len(talk.counter.asked) > 30, "many sendings")

    assert len(call.nonces) <= 5
    assert len(talk.calls._open) <= 5
    talk.counter.look()
    talk.counter.answer(talk.counter.asked[-1], AskAgain())
    talk.answered(AskAgain())
    assert {} == talk.calls._open


# --- while nobody is there -----------------------------------------------------------------


def test_nothing_is_due_while_nobody_is_there(talk: Talk) -> None:
    """A worker that waits for its server must sleep, not spin; the connection wakes it."""
    talk.ask(Observe(JobId(1)), resend_s=0.01)
    connected = talk.calls.next_deadline()
    talk.counter.close()
    talk.until_noticed()
    talk.ask(Reset(), resend_s=0.01)

    assert math.isfinite(connected)
    assert NEVER == talk.calls.next_deadline()


def test_a_question_waits_for_the_server_to_come() -> None:
    """Nodes boot in any order; the asker sleeps until there is a connection, however long that takes."""
    address = free_address()
    counters: list[Counter] = []
    with Calls(address, Signer(ID)) as calls:
        answers: list[Answer] = []
        calls.ask(TakeSnapshot(0), answers.append, resend_s=60.0)
        calls.turn()
        before = (calls.connected, calls.has_connected)
        server = threading.Timer(0.05, lambda: counters.append(Counter(address)))
        server.start()
        while not calls.connected:
            calls.wait(calls.next_deadline() - time.monotonic())
            calls.turn()
        server.join()
        counter = counters[0]
        wait_until(counter.look, "the question")
        counter.answer(counter.asked[0], Refused("no"))
        while not answers:
            calls.wait(20.0)
            calls.turn()
        counter.close()

    assert (False, False) == before
    assert calls.has_connected
    assert [Refused("no")] == answers


def test_nonces_differ() -> None:
    """128 random bits each: two clients must never have the same."""
    assert 10_000 == len({new_nonce() for _ in range(10_000)})
    assert 16 == len(new_nonce())


def test_what_another_queue_says_ends_no_question_about_a_claim(talk: Talk) -> None:
    """It has given no such claim; the question stays open for the queue that has."""
    claim = Claim(EPOCH, JobId(1), 1, WorkerId("w"))
    talk.calls.ask(beats(claim), talk.answers.append, resend_s=0.05, wanted=EPOCH)
    talk.counter.answer(
        talk.asked(1)[0], Orders(claim.worker, signals=(Signal(claim, SIGKILL, lost=True),)), FOREIGN
    )
    talk.counter.answer(talk.asked(2)[1], Refused("another queue"), FOREIGN)
    talk.counter.answer(talk.asked(3)[2], AckGoodbye(), LATER)

    talk.answered(AckGoodbye())
    assert [EPOCH] * 3 == [each.epoch for each in talk.counter.asked]


def test_an_old_copy_of_the_queue_ends_no_question(talk: Talk) -> None:
    """An epoch that is over gives no orders."""
    talk.ask(Observe(JobId(1)))
    talk.counter.answer(talk.asked(1)[0], AskAgain(), LATER)
    talk.answered(AskAgain())
    talk.ask(Observe(JobId(1)), resend_s=0.05)
    talk.counter.answer(talk.asked(2)[1], JobNotKnown(JobId(1)), EPOCH)
    talk.counter.answer(talk.asked(3)[2], AskAgain(), LATER)

    talk.answered(AskAgain(), AskAgain())


def test_a_client_that_holds_nothing_asks_the_new_queue_at_once() -> None:
    """What was for the old one is refused there, and no answer."""
    talk = Talk()
    talk.calls.allegiance = Allegiance(lambda: False)
    talk.ask(Observe(JobId(1)))
    talk.counter.answer(talk.asked(1)[0], AskAgain())
    talk.answered(AskAgain())
    talk.ask(Observe(JobId(1)))
    talk.counter.answer(talk.asked(2)[1], Refused("another queue"), FOREIGN)
    talk.counter.answer(talk.asked(3)[2], AskAgain(), FOREIGN)
    talk.answered(AskAgain(), AskAgain())
    talk.close()

    assert [NO_EPOCH, EPOCH, FOREIGN] == [each.epoch for each in talk.counter.asked]


def test_a_look_is_for_nobody_and_from_anybody(talk: Talk) -> None:
    """A sign of life must not be refused, and gives no orders."""
    talk.ask(Observe(JobId(1)))
    talk.counter.answer(talk.asked(1)[0], AskAgain())
    talk.answered(AskAgain())
    talk.ask(TakeSnapshot(0))
    talk.counter.answer(talk.asked(2)[1], Snapshot(), FOREIGN)
    talk.answered(AskAgain(), Snapshot())

    assert NO_EPOCH == talk.counter.asked[1].epoch
