"""The blobs that live submissions need: how many need each, what is still arriving, what is useless by now. Pure."""

from collections.abc import Iterable

from msgspec import Struct

from goq.core.state.records import BlobAdded, BlobsDropped
from goq.core.values.blobs import Arriving, Blob, size_of
from goq.core.values.job import Origin


class BlobBook(Struct):
    """What is known of blobs beside their bytes.

    `arriving` are those that some submission lacks. `users` counts the live submissions of each.
    `useless` ones are needed by none of these any more, until that is on the record.
    """

    arriving: dict[Blob, Arriving] = {}
    users: dict[Blob, int] = {}
    useless: list[Blob] = []

    def need(self, origin: Origin, lacks: Iterable[Blob]) -> None:
        """A submission needs its blobs, and lacks these of them."""
        for blob in origin.blobs:
            self.users[blob] = self.users.get(blob, 0) + 1
        for blob in lacks:
            if blob not in self.arriving:
                self.arriving[blob] = Arriving(blob)

    def change(self, record: BlobAdded | BlobsDropped) -> None:
        """The next piece of one has come, or some are gone."""
        if isinstance(record, BlobsDropped):
            self._drop(record.blobs)
        else:
            self._add(record.blob, record.data)

    def _add(self, blob: Blob, data: bytes) -> None:
        arriving = self.arriving[blob]
        arriving.add(data)
        if arriving.here == size_of(blob):
            del self.arriving[blob]

    def let_go(self, origin: Origin) -> None:
        """A submission has ended. A script that is all here may be wanted again, and stays."""
        for blob in origin.blobs:
            self.users[blob] -= 1
            if not self.users[blob]:
                del self.users[blob]
                if blob == origin.stdin or blob in self.arriving:
                    self.useless.append(blob)

    def _drop(self, blobs: tuple[Blob, ...]) -> None:
        for blob in blobs:
            if self.arriving.pop(blob, None) and blob in self.users:
                self.arriving[blob] = Arriving(blob)  # it is wanted still, and comes anew
        self.useless = [blob for blob in self.useless if blob not in blobs]
