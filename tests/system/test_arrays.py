"""Arrays, and tasks made of lines: what each of them gets."""

import re

import pytest

from system.cluster import Cluster
from system.jobs import shell
from system.test_bad_input import complaint

VARIABLES = (
    "JOB_ID",
    "ARRAY_ID",
    "TASK_ID",
    "TASK_FIRST",
    "TASK_LAST",
    "TASK_STEP",
    "ATTEMPT",
    "TASK",
    "LINE",
)
SHOW = "echo " + " ".join(f"${{GOQ_{name}-none}}" for name in VARIABLES)


def outputs(cluster: Cluster, first: int, count: int) -> list[bytes]:
    """What the tasks have written, in order."""
    for job in range(first, first + count):
        cluster.wait_for_end(job)
    return [cluster.output(job) for job in range(first, first + count)]


def test_a_task_is_told_its_number(working: Cluster) -> None:
    """And those of the others: the lowest, the highest, how far it is to the next; GOQ_TASK is what to call it by."""
    assert "1\n" == working.done("sub", "-q", "--array", "3-9:3,20", *shell(SHOW))
    assert [
        b"1 1 3 3 20 3 1 1.3 none\n",
        b"2 1 6 3 20 3 1 1.6 none\n",
        b"3 1 9 3 20 3 1 1.9 none\n",
        b"4 1 20 3 20 3 1 1.20 none\n",
    ] == outputs(working, 1, 4)


def test_a_line_is_a_task_with_a_number(working: Cluster) -> None:
    """From 1; what another system's editor adds is no part of it, and an empty line is none and not counted."""
    (working.away / "lines").write_bytes(b"\xef\xbb\xbfone\r\n\r\n\n \t\ntwo words\nlast")
    working.done("sub", "--each", "lines", *shell(f"{SHOW}; echo end"))

    assert [
        b"1 1 1 1 3 1 1 1.1 one\nend\n",
        b"2 1 2 1 3 1 1 1.2 two words\nend\n",
        b"3 1 3 1 3 1 1 1.3 last\nend\n",
    ] == outputs(working, 1, 3)


def test_a_job_of_a_list_is_known_by_its_own_number(working: Cluster) -> None:
    """As printed; its variables say which line it is all the same."""
    (working.away / "lines").write_text(f"bash -c '{SHOW}'\n" * 2)
    working.done("sub", "lines@", "lines")

    assert [b"1 1 1 1 2 1 1 1 none\n", b"2 1 2 1 2 1 1 2 none\n"] == outputs(working, 1, 2)


def test_a_job_alone_has_no_task(working: Cluster) -> None:
    """Only what it is called by."""
    assert b"1 none none none none none 1 1 none\n" == working.run(*shell(SHOW))


COMMANDS = {
    ("{}",): b"<a b,c d>\n",
    ("{2}-{1}", "x{}x"): b"<b,c-a>\n<xa b,c dx>\n",
    ("--colsep", ",", "{2}", "{1}"): b"<c d>\n<a b>\n",
    ("--colsep", r"\t", "{1}"): b"<a b,c d>\n",
    ("--placeholder", "@@", "{}", "@@", "@3@"): b"<{}>\n<a b,c d>\n<d>\n",
    ("--placeholder", "+", "++"): b"<a b,c da b,c d>\n",
    ("plain",): b"<plain>\n<a b,c d>\n",
}


@pytest.mark.parametrize(("words", "written"), COMMANDS.items(), ids=range(len(COMMANDS)))
def test_a_command_is_filled(working: Cluster, words: tuple[str, ...], written: bytes) -> None:
    """In as many words as one likes; without a brace the line is the last word, and always one."""
    options, words = (words[:2], words[2:]) if words[0].startswith("--") else ((), words)
    working.goq("sub", "--each", "-", *options, "printf", "<%s>\\n", *words, stdin=b"a b,c d\n")

    assert [written] == outputs(working, 1, 1)


def test_lines_are_bytes(working: Cluster) -> None:
    """Names of files are in no encoding."""
    working.goq("sub", "--each", "-", "printf", "%s|%s", "{}", "{2}", stdin=b"caf\xe9 \xff\xfe\n")

    assert [b"caf\xe9 \xff\xfe|\xff\xfe"] == outputs(working, 1, 1)


BAD_LINES = {
    (b"a b\nc\n", "{2}"): "-, line 2: '{2}' is not in the line 'c', which has only columns 1 to 1",
    (b"a\n", "{0}"): "-, line 1: '{0}' is not in the line 'a'",
    (b"a\n\nb\0c\n", "{}"): r"-, line 3: 'b\x00c' has a NUL in it",
    (b"\n \n", "{}"): "--each -: there is no line in it",
    (b"x" * (128 * 1024 + 1), "{}"): "-, line 1 has 131073 bytes; a line holds 131072 at most",
}


@pytest.mark.parametrize(("given", "says"), BAD_LINES.items(), ids=range(len(BAD_LINES)))
def test_a_line_that_makes_no_command_queues_nothing(
    served: Cluster, given: tuple[bytes, str], says: str
) -> None:
    """It is told with its number, as an editor counts."""
    text, word = given
    ended = served.goq("sub", "--each", "-", "echo", word, stdin=text)

    assert says in complaint(ended, 2)
    assert "1" == served.stat()["nextJobId"]


def test_options_of_arrays_that_make_no_sense_queue_nothing(served: Cluster) -> None:
    """One line that names the word, and shows a right one."""
    wanted = {
        ("--array", "9-1"): "'9-1' is the wrong way round; write 1-9",
        ("--array", "1-9:0"): "'1-9:0' has a step of 0; write 1-9:1",
        ("--array", ""): "'' is an array of nothing; write 0-9",
        ("--array", "0-10000000"): "10000001 items are more than 10000000; write 0-9999999",
        ("--array", "1-5%0"): "'%0' lets none run, or more than 10000000; write 0-99%5",
        ("--array", "1-3", "--each", "x"): "--array and --each are two ways to say what differs",
        ("--colsep", ","): "--placeholder and --colsep are for lines",
        ("--placeholder", "@@"): "--placeholder and --colsep are for lines",
        ("--each", "none"): "cannot read none: No such file or directory",
        ("--cpus", "0"): "--cpus: '0' is no number from 1 to 4096; --cpus 4 is right",
        ("-c", "-1"): "--cpus: '-1' is no number from 1 to 4096; --cpus 4 is right",
        ("-c", "two"): "--cpus: 'two' is no number from 1 to 4096; --cpus 4 is right",
        ("--gpus", "-1"): "--gpus: '-1' is no number from 0 to 256; --gpus 1 is right",
        ("-p", "1001"): "--priority: '1001' is no number from -1000 to 1000; --priority 10 is right",
        ("--retries", "-1"): "--retries: '-1' is no number from 0 to 1000; --retries 3 is right",
        ("--max-fails", "0"): "--max-fails: '0' is no number above 0; --max-fails 10 is right",
        ("--time", "-5"): "--time: '-5' is no duration; 90, 0.5s, 1h30m and 2d are",
        ("--time", "5x"): "--time: '5x' is no duration",
        ("--in", "-1h"): "--in: '-1h' is no duration",
        ("--at", "25:00"): "--at: no clock shows '25:00'",
        ("--at", "2020-01-01 10:00"): "--at: '2020-01-01 10:00' is past; --at 'tomorrow 9:00' is not",
        ("--at", "18:30", "--in", "1h"): "--at and --in are two moments; choose one",
        ("--mem", "5Q"): "--mem: '5Q' is no size; 512M, 4G and 1.5GiB are",
        ("--backoff", "-1s"): "--backoff: '-1s' is no duration",
    }
    for words, line in wanted.items():
        assert line in complaint(served.goq("sub", *words, "true"), 2)
    assert "1" == served.stat()["nextJobId"]


def test_what_cannot_be_waited_for_queues_nothing(working: Cluster) -> None:
    """A server knows that, so it is no wrong usage."""
    working.done("sub", "--array", "1-2", "false")
    for job in (1, 2):
        working.wait_for_end(job)
    wanted = {
        ("--after-ok", "99"): "job 99 is not known; nothing was queued",
        (
            "--after-ok",
            "1",
        ): "failed with exit status 1, and --after-ok waits for a good end; nothing was queued",
        ("--after-each", "1", "--array", "1-3"): "1-2 are 2, and these 3; nothing was queued",
        ("--after", "fold*"): "nothing was queued",
    }
    for words, line in wanted.items():
        assert line in complaint(working.goq("sub", *words, "true"), 1)
    assert "3" == working.stat()["nextJobId"]


def test_an_array_of_ten_million_is_one_record(served: Cluster) -> None:
    """More are refused, above; so many need no more room than two."""
    assert "1\n" == served.done("sub", "-q", "--array", "0-9999999", "true")
    assert "10000000" == served.stat()["waitingJobs"]
    said = served.done("kill", "1")

    assert re.search(r"\b10,?000,?000\b", said), said
