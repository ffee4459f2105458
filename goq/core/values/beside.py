"""What few results have, as it travels beside the rest: the second stream, and files that have names. Pure."""

from typing import Annotated

from msgspec import DecodeError, Meta, Struct, msgpack

from goq.core.values.result import INLINE_OUTPUT_BYTES, OUT, STREAMS, Apart, Files, Result
from goq.core.values.templates import DEPTH_LIMIT, PART_BYTES

TEXT_LIMIT = 2 * INLINE_OUTPUT_BYTES
_SHA256_BYTES = 32

_Path = Annotated[
    str, Meta(min_length=1, max_length=DEPTH_LIMIT * (PART_BYTES + 1) + 100, pattern=r"\A[^\x00]+\Z")
]
_Output = Annotated[bytes, Meta(max_length=INLINE_OUTPUT_BYTES)]
_Length = Annotated[int, Meta(ge=0, le=2**62)]
_Digest = Annotated[bytes, Meta(max_length=_SHA256_BYTES)]
_Stream = Annotated[int, Meta(ge=1, le=2)]


class _Beside(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    err: tuple[_Output, _Length, _Digest] | None = None
    files: Annotated[tuple[tuple[_Stream, _Path], ...], Meta(max_length=2)] = ()


_ENCODE = msgpack.Encoder().encode
_DECODE = msgpack.Decoder(_Beside).decode


class BadBeside(ValueError):
    """It makes no sense, or breaks a bound."""


def stream_text(stream: int) -> bytes:
    """Which of a job's streams something is about, as it travels; b"" for the output."""
    return b"" if stream == OUT else bytes([stream])


def read_stream(text: bytes) -> int:
    """What `stream_text` wrote. Raises BadBeside."""
    if not text:
        return OUT
    if len(text) != 1 or text[0] not in STREAMS:
        raise BadBeside("no such stream")
    return text[0]


def beside_text(result: Result) -> bytes:
    """What the result has of that."""
    err = (result.err.output, result.err.length, result.err.sha256) if result.err else None
    return _ENCODE(_Beside(err, result.files))


def read_beside(text: bytes) -> tuple[Apart | None, Files]:
    """What `beside_text` wrote. Raises BadBeside."""
    if len(text) > TEXT_LIMIT:
        raise BadBeside("what is beside the result is too long")
    try:
        beside = _DECODE(text)
    except (DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadBeside(f"what is beside the result makes no sense: {error}") from error
    err = Apart(*beside.err) if beside.err else None
    if err and err.length < len(err.output):
        raise BadBeside("an output is shorter than its bytes")
    if err and len(err.sha256) not in (0, _SHA256_BYTES):
        raise BadBeside("not a SHA-256")
    return err, beside.files
