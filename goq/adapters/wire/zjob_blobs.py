"""Pieces of blobs in the fields of a Zjob. Their bytes lie behind it."""

from goq.adapters.wire import zjob
from goq.adapters.wire.zjob import Zjob
from goq.core import messages as m
from goq.core.values.blobs import FETCH_BYTES, PIECE_BYTES, Blob, is_piece, read_blob, size_of
from goq.core.values.ids import NONCE_BYTES, Nonce


def write_add_blob(z: Zjob, add: m.AddBlob) -> None:
    z.submission = add.submission
    write_blob_piece(z, add)


def read_add_blob(z: Zjob) -> m.AddBlob:
    submission = bytes(z.submission)
    if len(submission) != NONCE_BYTES:
        raise ValueError("a piece of a blob has a submission")
    return m.AddBlob(Nonce(submission), *_read_place(z), _read_sha256(z))


def write_fetch_blob(z: Zjob, fetch: m.FetchBlob | m.AddBlob | m.BlobPiece) -> None:
    z.blobs = fetch.blob
    z.offset = fetch.offset


def read_fetch_blob(z: Zjob) -> m.FetchBlob:
    fetch = m.FetchBlob(*_read_place(z))
    if fetch.offset % FETCH_BYTES or fetch.offset >= size_of(fetch.blob):
        raise ValueError("there is no such piece of a blob")
    return fetch


def write_blob_piece(z: Zjob, piece: m.AddBlob | m.BlobPiece) -> None:
    write_fetch_blob(z, piece)
    z.outputSha256 = piece.sha256


def read_blob_piece(z: Zjob) -> m.BlobPiece:
    return m.BlobPiece(*_read_place(z), _read_sha256(z))


def check_piece(piece: m.AddBlob | m.BlobPiece, length: int) -> None:
    """So many bytes lie behind it. Raises ValueError when there is no such piece."""
    most = FETCH_BYTES if isinstance(piece, m.BlobPiece) else PIECE_BYTES
    if not is_piece(piece.blob, piece.offset, length, most):
        raise ValueError("there is no such piece of a blob")


def _read_place(z: Zjob) -> tuple[Blob, int]:
    blob = read_blob(bytes(z.blobs))
    if not blob or z.offset < 0:
        raise ValueError("a piece has a blob, and a place in it")
    return blob, z.offset


def _read_sha256(z: Zjob) -> bytes:
    sha256 = bytes(z.outputSha256)
    if len(sha256) != zjob.SHA256_BYTES:
        raise ValueError("a piece has a SHA-256")
    return sha256
