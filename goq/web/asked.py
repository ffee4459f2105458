"""What the address of a list asks for: words as in a shell, and what narrows them. Pure.

An address holds the whole view, so that it can be sent to somebody.
"""

from collections.abc import Mapping
from urllib.parse import urlencode

from msgspec import Struct
from msgspec.structs import replace

from goq.core.values.pages import HOUR_S, BadCursor, Cursor, Rows, cursor_of
from goq.core.values.quantities import BadQuantity, duration_s
from goq.core.values.selectors import BadSelector, Selector, selector_of
from goq.core.values.states import JobState
from goq.errors import BadCommand

PAGE_ROWS = 100
NEVER, MINE, FAILED = "never", "mine", "failed"
_STATES = {FAILED: (JobState.FAILED, JobState.LOST)}


class Asked(Struct, frozen=True):
    """A list of submissions, or, with `tasks`, of jobs; `state` is a word of the chips."""

    words: str = ""
    state: str = ""
    tasks: bool = False
    after: str = ""

    @property
    def query(self) -> str:
        """Behind the "?" of its address."""
        said = {"q": self.words, "state": self.state, "tasks": "1" if self.tasks else "", "after": self.after}
        return urlencode({name: value for name, value in said.items() if value})

    def with_state(self, state: str) -> "Asked":
        """The same narrowed to that, from its first page on."""
        return replace(self, state=state, after="")

    @property
    def command(self) -> str:
        """What shows it in a shell."""
        words, said = [], [] if self.state == MINE else ["-a"]
        for word in self.words.split():
            name, colon, rest = word.partition(":")
            if colon and name in _NARROWS:
                said.append(f"--{name} {rest}")
            else:
                words.append(word if word.replace(":", "").replace(".", "").isalnum() else f"'{word}'")
        if self.state == FAILED:
            said.append("--failed")
        elif self.state in {state.value for state in JobState}:
            said.append(f"--state {self.state}")
        return " ".join(["goq list", *words, *said, *(["--tasks"] if self.tasks else [])])

    def rows(self, owner: str, limit: int = PAGE_ROWS) -> Rows:
        """What to ask the server. Raises BadCommand."""
        narrowed, words = _narrowed(self.words.split())
        try:
            selector = selector_of(words) if words else Selector()
            after: Cursor | None = cursor_of(self.after) if self.after else None
            since_s = duration_s(narrowed["since"]) if narrowed["since"] else HOUR_S
        except (BadSelector, BadCursor, BadQuantity) as error:
            raise BadCommand(str(error)) from error
        return Rows(
            selector,
            owner,
            user=owner if self.state == MINE else "",
            states=_states(self.state, narrowed["state"]),
            host=narrowed["on"],
            since_s=since_s,
            by_job=self.tasks,
            after=after,
            limit=limit,
        )


_NARROWS = ("since", "on", "state")


def asked_of(query: Mapping[str, str]) -> Asked:
    """What an address asks for."""
    words = query.get("q", "").strip()
    return Asked(words, query.get("state", ""), bool(query.get("tasks")), query.get("after", ""))


def _narrowed(words: list[str]) -> tuple[dict[str, str], list[str]]:
    found, left = dict.fromkeys(_NARROWS, ""), []
    for word in words:
        name, colon, rest = word.partition(":")
        if colon and name in _NARROWS:
            found[name] = rest
        else:
            left.append(word)
    return found, left


def _states(chip: str, said: str) -> tuple[JobState, ...]:
    word = said or chip
    if word in ("", MINE, NEVER):
        return ()
    if word in _STATES:
        return _STATES[word]
    try:
        return (JobState(word),)
    except ValueError as error:
        raise BadCommand(
            f"'{word}' is no state of a job; {', '.join(state.value for state in JobState)} are"
        ) from error
