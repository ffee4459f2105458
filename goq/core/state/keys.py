"""Whose keys count. Pure."""

from goq.core.state.records import KeySet


class KeyBook(dict[str, KeySet]):
    """The latest word on each holder of a key, also on those who were removed."""

    def generation_of(self, holder: str) -> int:
        """Which generation of a holder's keys counts; 0 for none."""
        known = self.get(holder)
        return 0 if known is None or known.is_removed else known.generation
