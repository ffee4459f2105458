"""How blobs travel: from who submits to the server, and from there to workers. Pure."""

from msgspec import Struct

from goq.core.values.blobs import Blob
from goq.core.values.ids import Nonce

NO_BLOB_HERE = "that blob is not here: no job needs it any more"


class AddBlob(Struct, frozen=True):
    """A piece of a blob that the submission with that nonce needs, `offset` bytes from its start.

    `sha256` is the piece's; it is signed and the data are not. Answered as the submission is.
    """

    submission: Nonce
    blob: Blob
    offset: int
    sha256: bytes
    data: bytes | memoryview = b""


class FetchBlob(Struct, frozen=True, gc=False):
    """A worker asks for the piece of a blob that begins there."""

    blob: Blob
    offset: int


class BlobPiece(Struct, frozen=True):
    """That piece. `sha256` is its own; that is signed, and the data are not."""

    blob: Blob
    offset: int
    sha256: bytes
    data: bytes | memoryview = b""
