"""Files that submitters name for what their jobs write: who may have which, and what is told of them."""

from msgspec.structs import replace
from rig import Rig, submission, worker

from goq.core.messages import AckSubmit, Change, Done, JobFinishedNotice, Refused
from goq.core.state.records import JobDelegated, JobFinished, JobRequeued
from goq.core.values.changes import Alter
from goq.core.values.ids import JobId
from goq.core.values.job import By
from goq.core.values.result import ERR, OUT, Apart, Result
from goq.core.values.selectors import selector_of
from goq.core.values.terms import Terms
from goq.core.worker.talk import FinishedWork

SHA = bytes(32)
WRITTEN = Result(output=b"out", output_length=3, output_sha256=SHA, err=Apart(b"err", 3, SHA))


def submit(rig: Rig, terms: Terms, count: int = 1) -> str:
    """Submit such jobs; why that was refused, or ""."""
    answer = rig.ask(submission(count, terms))
    assert isinstance(answer, AckSubmit | Refused)
    return answer.reason if isinstance(answer, Refused) else ""


def named(rig: Rig) -> list[str]:
    """The files of all attempts so far."""
    return [path for each in rig.story if isinstance(each, JobDelegated) for _, path in each.files]


def finish(rig: Rig, name: str, result: Result = WRITTEN) -> None:
    """A worker gets the next job, and reports this of it."""
    claim = rig.delegate(name)
    rig.ask(FinishedWork(claim.worker, (Done(claim, result),)))


def test_a_job_s_files_are_known_when_it_is_given_to_a_worker(rig: Rig) -> None:
    """From then on they are on the record, whatever becomes of its name."""
    submit(rig, Terms(out="{user}/{id}.{host}.{attempt}", err="/e/{id}"))
    submit(rig, Terms(err="err.{id}"))
    submit(rig, Terms())
    claims = [rig.delegate(name) for name in ("a", "b", "c")]
    files = [rig.state.running[claim.job].files for claim in claims]

    assert [((OUT, "ann/1.host-of-a.1"), (ERR, "/e/1")), ((ERR, "err.2"),), ()] == files
    assert {"ann/1.host-of-a.1": 1, "err.2": 2} == rig.state.names.in_use


def test_who_waits_for_a_job_hears_where_its_output_is(rig: Rig) -> None:
    """And what was wanted nowhere is nowhere."""
    for terms in (Terms(out="a", err="b"), Terms(out="/a"), Terms(err="/b"), Terms()):
        submit(rig, terms)
        finish(rig, "w")
    told = [each.ended.result for each in rig.story if isinstance(each, JobFinished)]

    assert [((OUT, "a"), (ERR, "b")), ((OUT, "/a"),), ((ERR, "/b"),), ()] == [each.files for each in told]
    assert [WRITTEN.err, None, None, None] == [each.err for each in told]
    assert [b"out", b"", b"out", b"out"] == [each.output for each in told]
    assert [SHA, b"", SHA, SHA] == [each.output_sha256 for each in told]
    notice = rig.answer_to(rig.observe(1))
    assert isinstance(notice, JobFinishedNotice)
    assert replace(told[0], output=b"", err=Apart(b"", 3, SHA)) == notice.ended.result
    assert {} == rig.state.names.in_use == rig.state.names.wanted
    submit(rig, Terms())
    finish(rig, "w", Result(files=((OUT, "/etc/passwd"),)))
    assert () == [each.ended.result for each in rig.story if isinstance(each, JobFinished)][-1].files


def test_no_two_that_live_have_the_same(rig: Rig) -> None:
    """Not even one that waits; those of an array, which have numbers of their own, no other array's."""
    assert "" == submit(rig, Terms(out="x", err="y.{task}"))
    taken = submit(rig, Terms(out="y.1"))
    assert "the output file 'y.1' is that of job 1, which has not ended; with {id} in it" in taken
    assert taken.endswith("nothing was queued")
    assert "job 1" in submit(rig, Terms(err="./x"))
    assert "" == submit(rig, Terms(out="/x"))
    assert "" == submit(rig, Terms(out="a.{task}"), 3)
    assert "is that of job 3" in submit(rig, Terms(out="a.{task}"), 2)
    assert "" == submit(rig, Terms(out="a.{task}.{array}"), 2)
    assert "" == submit(rig, Terms(out="a.{id}"), 2)
    assert "" == submit(rig, Terms(out="a.{id}"), 2)
    assert "2 jobs would share" in submit(rig, Terms(out="b"), 2)
    finish(rig, "w")

    assert "" == submit(rig, Terms(out="x"))


def test_the_server_looks_at_templates_again(rig: Rig) -> None:
    """Whoever sends a message may not be goq's own client."""
    for text in ("../x", "x{", "{nix}", ".goq/journal", "out.7", "a\0b"[:1] + "/"):
        assert "Nothing was queued" in submit(rig, Terms(out=text))
    assert {} == rig.state.names.wanted


def test_what_came_to_the_same_name_is_kept_apart(rig: Rig) -> None:
    """A name was altered, or an array's task is called as another job."""
    submit(rig, Terms(out="{name}", name="one"))
    submit(rig, Terms(out="{name}", name="two"))
    rig.ask(Change(selector_of(("2",)), Alter(("name",), Terms(name="one")), By("ann", "host", 7)))
    first, second = rig.delegate("a"), rig.delegate("b")

    assert ["one", "one.2"] == named(rig)
    rig.finish(first)
    rig.finish(second)
    assert {} == rig.state.names.in_use == rig.state.names.wanted


def test_a_retried_attempt_has_its_own_name_or_the_same(rig: Rig) -> None:
    """What the attempt before wrote is on the record with it."""
    submit(rig, Terms(out="o.{attempt}", err="e", retries=1, backoff_s=0))
    finish(rig, "a", replace(WRITTEN, exit_code=1))
    rig.pass_time(1)
    finish(rig, "b")
    again = [each for each in rig.story if isinstance(each, JobRequeued)]

    assert ["o.1", "e", "o.2", "e"] == named(rig)
    assert [b"out"] == [each.output for each in again]
    assert [((OUT, "o.1"), (ERR, "e"))] == [each.result.files for each in again if each.result]


def test_of_an_attempt_without_errors_apart_our_line_is_in_the_output(rig: Rig) -> None:
    """And nothing at all where that is at its host."""
    for terms in (Terms(out="o"), Terms(out="/o")):
        submit(rig, replace(terms, retries=1, backoff_s=0))
        finish(rig, "a", replace(WRITTEN, exit_code=1, err=None))
        rig.pass_time(1)
        finish(rig, "b")
    outputs = [each.output for each in rig.story if isinstance(each, JobRequeued)]

    assert outputs[0].startswith(b"out\ngoq: job 1: attempt 1 at ")
    assert [b""] == outputs[1:]


def test_a_host_without_the_folder_of_an_output_has_all_else(rig: Rig) -> None:
    """Other jobs of that owner, in the same folder, go there."""
    submit(rig, Terms(out="/scratch/{id}"))
    submit(rig, Terms())
    rig.refuse(rig.delegate("a"))

    assert 2 == rig.delegate("a").job
    assert 1 == rig.delegate("b").job
    assert worker("a").host != worker("b").host
    assert JobId(1) in rig.state.running
