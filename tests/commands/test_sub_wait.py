"""What `goq sub --wait` passes on: the output itself, or where it is."""

import hashlib
from pathlib import Path

import pytest

from goq.commands.sub_wait import pass_on
from goq.core.values.ids import JobId
from goq.core.values.result import Ended, Ending, Result

OUTPUT = b"right\xff\0"
ENDED = Ended(
    JobId(7),
    1,
    Ending.FINISHED,
    Result(output_length=len(OUTPUT), output_sha256=hashlib.sha256(OUTPUT).digest()),
)


def passed_on(
    folder: Path, content: bytes | None, capture: pytest.CaptureFixture[bytes]
) -> tuple[bytes, bytes]:
    """What is printed when the file has that content, and what is said."""
    if content is not None:
        (folder / "out.00007").write_bytes(content)
    pass_on(bytes(folder), ENDED)
    out, err = capture.readouterr()
    return out, err


@pytest.mark.parametrize("before", [b"", b"of an earlier life\n"])
def test_the_output_is_printed_as_it_is(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes], before: bytes
) -> None:
    """Without what was in its file before it."""
    assert (OUTPUT, b"") == passed_on(tmp_path, before + OUTPUT, capsysbinary)


@pytest.mark.parametrize("content", [None, b"", b"r", b"wrong\xff\0", OUTPUT + b"\n", OUTPUT[1:]])
def test_another_file_of_that_name_is_not_taken_for_it(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes], content: bytes | None
) -> None:
    """The server's folder may be out of sight here, and be another one's by name."""
    where = f"goq: its output is at the server: {tmp_path}/out.00007, 7 bytes\n".encode()

    assert (b"", where) == passed_on(tmp_path, content, capsysbinary)
