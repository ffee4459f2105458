"""Whose the live submissions are, and what they are called: of each owner, name and tag the numbers. Pure.

As submitted: terms that were altered are in the state's parts.
"""

from collections.abc import Iterator

from goq.core.values.ids import JobId
from goq.core.values.job import Submission
from goq.core.values.ranges import Range, Ranges, merged
from goq.core.values.selectors import Named
from goq.core.values.spans import Spans

_Index = dict[str, Spans]


class Labels:
    """Found by a word, however many there are that it does not mean."""

    def __init__(self) -> None:
        self._owners: _Index = {}
        self._names: _Index = {}
        self._tags: _Index = {}

    def add(self, submission: Submission) -> None:
        """Another one is there."""
        for index, word in self._words(submission):
            jobs = index.get(word)
            if jobs is None:
                jobs = index[word] = Spans()
            jobs.append(submission.first, submission.end)

    def drop(self, submission: Submission) -> None:
        """It is there no more."""
        for index, word in self._words(submission):
            jobs = index[word]
            jobs.discard(submission.first, submission.end)
            if not jobs:
                del index[word]

    def owned(self, user: str) -> Ranges:
        """The numbers of a user's."""
        return _ranges(self._owners, user)

    def named(self, named: Named) -> Ranges:
        """The numbers of those with such a name, whoever's they are."""
        if named.is_exact:
            return _ranges(self._names, named.pattern)
        return merged(_of_all(self._names, [name for name in self._names if named.meets(name)]))

    def tagged(self, tag: str) -> Ranges:
        """The numbers of those with that tag."""
        return _ranges(self._tags, tag)

    def _words(self, submission: Submission) -> Iterator[tuple[_Index, str]]:
        terms = submission.terms
        yield self._owners, submission.origin.owner
        if terms.name:
            yield self._names, terms.name
        for tag in set(terms.tags):
            yield self._tags, tag


def _ranges(index: _Index, word: str) -> Ranges:
    jobs = index.get(word)
    return tuple(jobs.ranges()) if jobs else ()


def _of_all(index: _Index, words: list[str]) -> Iterator[Range]:
    for word in words:
        yield from ((JobId(first), end) for first, end in index[word].ranges())
