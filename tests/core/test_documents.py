"""What `--json` prints: times, absent values, and the envelope."""

from msgspec import json

from goq.core.values.documents import document, iso, line_of, plain
from goq.core.values.shown import Counts, JobRow, Needs, SubmissionRow
from goq.core.values.states import JobState

AT = 1_764_167_530_114_000_000
JOB = JobRow(4212, "ann", JobState.FAILED, AT, AT + 1, Needs(1), array=4211, item=12, elapsed_s=1 / 3)


def test_times_are_iso_in_utc_with_all_their_digits() -> None:
    """Nothing is rounded."""
    assert ["2025-11-26T14:32:10.114Z", "2025-11-26T14:32:10.114000001Z"] == [iso(AT), iso(AT + 1)]
    assert ["1970-01-01T00:00:00.000Z", "2024-02-29T00:00:00.500Z"] == [
        iso(0),
        iso(1_709_164_800_500_000_000),
    ]


def test_what_is_not_there_is_left_out() -> None:
    """Absent is null; a count of 0 is a count."""
    row = plain(JOB)

    assert {"id", "array", "item", "owner", "state", "submitted_at", "since_at", "needs", "elapsed_s"} == set(
        row
    )
    assert ("failed", 1 / 3, {"cpus": 1}) == (row["state"], row["elapsed_s"], row["needs"])
    assert 0 == plain(Counts())["lost"]


def test_an_envelope_is_one_line() -> None:
    """What it is, of when, and what leads on."""
    row = SubmissionRow(
        1, 1, "ann", JobState.DONE, Counts(done=1), AT, AT, ("a\nb",), "/x", Needs(1), job=JOB
    )
    text = document("jobs", AT, 7, [row], "7.1.0.1")
    told = json.decode(text)

    assert 1 == text.count(b"\n")
    assert (1, "jobs", 7, "7.1.0.1") == (told["goq"], told["kind"], told["seq"], told["next"])
    assert (["a\nb"], iso(AT), 12) == (told["rows"][0]["argv"], told["at"], told["rows"][0]["job"]["item"])
    assert json.decode(line_of("job", JOB)) == {"goq": 1, "kind": "job", **plain(JOB)}
