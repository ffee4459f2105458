"""One object for equal origins: a thousand jobs of one shell hold one environment. Pure."""

from weakref import WeakValueDictionary

from goq.core.values.job import Origin


class Origins:
    """Those that somebody holds."""

    def __init__(self) -> None:
        self._known: WeakValueDictionary[tuple[bytes | str, ...], Origin] = WeakValueDictionary()

    def shared(self, origin: Origin) -> Origin:
        """The one object that is equal to it."""
        who = (origin.folder, origin.environment, origin.submitter)
        return self._known.setdefault((*who, origin.physical, origin.script, origin.stdin), origin)
