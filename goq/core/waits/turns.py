"""A queue of several people, each of whom has his own turn: who asks often waits for himself. Pure."""

from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Turns(Generic[T]):
    """Takes `limit` at most, and of the holder of one key `each`; those who hold the cluster id are one holder without a bound of its own."""

    def __init__(self, limit: int, each: int) -> None:
        self._limit = limit
        self._each = each
        self._waiting: OrderedDict[str, deque[T]] = OrderedDict()  # by holder; whose turn it is comes first

    def __len__(self) -> int:
        return sum(map(len, self._waiting.values()))

    def put(self, holder: str, what: T) -> bool:
        """It waits behind whatever else is the holder's; False when there is no room for that."""
        own = self._waiting.get(holder)
        if len(self) >= self._limit or (holder and own and len(own) >= self._each):
            return False
        self._waiting.setdefault(holder, deque()).append(what)
        return True

    def take(self) -> T:
        """What is next; there must be something. Its holder is the last one to have another turn."""
        holder, own = self._waiting.popitem(last=False)
        what = own.popleft()
        if own:
            self._waiting[holder] = own
        return what

    def drop(self, is_over: Callable[[T], bool]) -> None:
        """Forget what nobody wants any more."""
        left = (
            (holder, deque(what for what in own if not is_over(what)))
            for holder, own in self._waiting.items()
        )
        self._waiting = OrderedDict((holder, own) for holder, own in left if own)
