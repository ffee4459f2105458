"""The lines of a long list, in few large pieces: a million small byte strings would take more room for themselves. Pure."""

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import accumulate


class Lines:
    """Byte strings in their order, which can only become more."""

    __slots__ = ("_blobs", "_count", "_ends", "_starts", "size")

    def __init__(self, lines: Iterable[bytes] = ()) -> None:
        self._count = 0
        self.size = 0  # bytes of all
        self._starts: list[int] = []  # the number of the first line of each piece
        self._blobs: list[bytes] = []
        self._ends: list[array[int]] = []  # in its piece, of each line
        self.extend(tuple(lines))

    def __len__(self) -> int:
        return self._count

    def extend(self, lines: tuple[bytes, ...]) -> None:
        """Put these behind the others."""
        if lines:
            self._starts.append(self._count)
            self._blobs.append(b"".join(lines))
            self._ends.append(array("L", accumulate(map(len, lines))))
            self._count += len(lines)
            self.size += len(self._blobs[-1])

    def __iter__(self) -> Iterator[bytes]:
        return map(self.__getitem__, range(self._count))

    def __getitem__(self, number: int) -> bytes:
        if not 0 <= number < self._count:
            raise IndexError(number)
        at = bisect_right(self._starts, number) - 1
        ends, inside = self._ends[at], number - self._starts[at]
        return self._blobs[at][ends[inside - 1] if inside else 0 : ends[inside]]
