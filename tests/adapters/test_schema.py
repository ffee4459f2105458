"""The schema: the numbers of the original goq stay what they were, and ours are only appended.

Both tables are written out here, because a schema that is compared with itself always agrees.
"""

import re
from pathlib import Path

from goq.adapters.wire import codec_schema

SCHEMA = Path(__file__).resolve().parents[2] / "schema" / "zjob.capnp"

JOB_MSG = [
    "initialsubmit",
    "acksubmit",
    "requestforwork",
    "delegatetoworker",
    "shutdownworker",
    "ackshutdownworker",
    "finishedwork",
    "ackfinished",
    "shutdownserv",
    "ackshutdownserv",
    "cancelwip",
    "ackcancelwip",
    "cancelsubmit",
    "ackcancelsubmit",
    "takesnapshot",
    "acktakesnapshot",
    "resubmitnoack",
    "rejectbadsig",
    "observejobfinish",
    "jobfinishednotice",
    "jobnotknown",
    "immolateaworkers",
    "immolateack",
    "pingworker",
    "ackpingworker",
    "observejoback",
    "resetserver",
    "resetserverack",
]

JOB_MSG_APPENDED = ["outputchunk", "ackoutput", "refused", "ackgoodbye"]

ZJOB = [
    ("id", "Int64"),
    ("msg", "JobMsg"),
    ("aboutjid", "Int64"),
    ("cmd", "Text"),
    ("args", "List(Text)"),
    ("out", "List(Text)"),
    ("env", "List(Text)"),
    ("host", "Text"),
    ("stm", "Int64"),
    ("etm", "Int64"),
    ("elapsec", "Int64"),
    ("status", "Text"),
    ("subtime", "Int64"),
    ("pid", "Int64"),
    ("dir", "Text"),
    ("submitaddr", "Text"),
    ("serveraddr", "Text"),
    ("workeraddr", "Text"),
    ("finishaddr", "List(Text)"),
    ("signature", "Text"),
    ("islocal", "Bool"),
    ("arrayid", "Int64"),
    ("groupid", "Int64"),
    ("cancelled", "Bool"),
    ("delegatetm", "Int64"),
    ("lastpingtm", "Int64"),
    ("unansweredping", "Int64"),
    ("sendernonce", "Int64"),
    ("sendtime", "Int64"),
    ("err", "Text"),
    ("haderror", "Bool"),
    ("maxshow", "Int64"),
    ("cmdopts", "UInt64"),
    ("homeOnSubmitter", "Text"),
]

ZJOB_APPENDED = [
    ("nonce", "Data"),
    ("inReplyTo", "Data"),
    ("workerId", "Text"),
    ("attempt", "Int64"),
    ("commands", "List(Data)"),
    ("folder", "Data"),
    ("environment", "Data"),
    ("lastjid", "Int64"),
    ("patience", "Float64"),
    ("wantsNext", "Bool"),
    ("offset", "Int64"),
    ("output", "Data"),
    ("outputLength", "Int64"),
    ("outputSha256", "Data"),
    ("exitStatus", "Int32"),
    ("signal", "Int32"),
    ("cpuSeconds", "Float64"),
    ("peakKib", "Int64"),
    ("state", "Text"),
    ("jobs", "List(Zjob)"),
    ("terms", "Data"),
    ("trouble", "Text"),
    ("killSignal", "Int32"),
    ("existed", "Bool"),
    ("suspect", "Bool"),
    ("crashes", "Int64"),
    ("wants", "Int64"),
    ("kept", "List(Int64)"),
    ("queue", "Data"),
    ("serverEpoch", "Int64"),
    ("epoch", "Int64"),
    ("physical", "Data"),
    ("troubles", "List(Text)"),
    ("sha256Before", "Data"),
    ("owner", "Text"),
    ("blobs", "Data"),
]


def body(kind: str, name: str) -> str:
    """What stands between the braces, without comments."""
    text = re.sub(r"#.*", "", SCHEMA.read_text("utf-8"))
    found = re.search(rf"{kind} {name} \{{(.*?)\}}", text, re.DOTALL)
    assert found is not None
    return found[1]


def enumerants() -> dict[int, str]:
    """The messages by their numbers, as the schema's text has them."""
    return {int(number): name for name, number in re.findall(r"(\w+) @(\d+);", body("enum", "JobMsg"))}


def fields() -> dict[int, tuple[str, str]]:
    """Names and types of the fields by their numbers, as the schema's text has them."""
    found = re.findall(r"(\w+) @(\d+) :([\w()]+)(?: = \d+)?;", body("struct", "Zjob"))
    return {int(number): (name, kind) for name, number, kind in found}


def test_the_original_s_messages_keep_their_numbers() -> None:
    """A node of another release knows a message by its number alone."""
    assert dict(enumerate(JOB_MSG)) == {number: enumerants()[number] for number in range(28)}


def test_the_original_s_fields_keep_their_numbers_and_types() -> None:
    """A field that moved would be read as something else."""
    assert dict(enumerate(ZJOB)) == {number: fields()[number] for number in range(34)}


def test_our_messages_follow_without_a_gap() -> None:
    """Once released, these are as fixed as the original's."""
    numbers = enumerants()

    assert (
        list(range(len(JOB_MSG) + len(JOB_MSG_APPENDED))) == list(numbers)[: len(JOB_MSG + JOB_MSG_APPENDED)]
    )
    assert JOB_MSG_APPENDED == list(numbers.values())[len(JOB_MSG) :][: len(JOB_MSG_APPENDED)]


def test_our_fields_follow_without_a_gap() -> None:
    """The same, for what a message holds."""
    numbers = fields()

    assert ZJOB + ZJOB_APPENDED == [numbers[at] for at in range(len(ZJOB + ZJOB_APPENDED))]


def test_no_number_is_used_twice_or_left_out() -> None:
    """The tables above may be outgrown, the rule not."""
    for text, pattern in ((body("enum", "JobMsg"), r"@(\d+);"), (body("struct", "Zjob"), r"@(\d+) :")):
        numbers = [int(number) for number in re.findall(pattern, text)]

        assert list(range(len(numbers))) == sorted(numbers)


def test_the_codec_reads_this_very_schema() -> None:
    """A copy that was built into a package must not lag behind."""
    assert {name: number for number, name in enumerants().items()} == codec_schema.ORDINALS


def test_the_file_keeps_its_id() -> None:
    """The id is what Cap'n Proto knows the schema by."""
    assert SCHEMA.read_text("utf-8").count("@0xcc3cde6438de7ca0;") == 1
