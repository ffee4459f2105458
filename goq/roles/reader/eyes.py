"""For whose eyes something is looked up: of others' jobs nobody sees arguments, folders, environments and outputs.

Unless the server is open, or the owner has named a unix group of the head whose members may read.
"""

import grp
import os
import pwd
from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from goq.core.dispatch.veil import hidden
from goq.core.values.lives import Life
from goq.core.values.pages import Page
from goq.core.values.rights import may_read
from goq.core.values.shown import JobRow, SubmissionRow
from goq.core.values.states import JobState
from goq.core.values.who import ADMINISTRATOR, Role, Who
from goq.errors import Forbidden

_OWN_WORDS = (JobState.LOST, JobState.SKIPPED)  # as in core/dispatch/veil.py
_WORDS_TOLD = frozenset({"out", "err", "stdin", "group"})  # terms that name files, or say who reads


class Eyes(Struct, frozen=True):
    """Who looks. `is_open`: whoever sees a job may read what belongs to it."""

    who: Who = ADMINISTRATOR
    is_open: bool = False

    @property
    def see_all(self) -> bool:
        """Nothing is hidden from them."""
        return self.is_open or self.who.is_administrator

    def may_read(self, owner: str, group: str = "") -> bool:
        """They may read what a job of that owner was given and writes, which is for the members of that group too."""
        if may_read(self.who, owner, is_open=self.is_open):
            return True
        return bool(group) and self.who.role is Role.USER and is_member(self.who.name, group)

    def require(self, job: str, owner: str, group: str = "") -> None:
        """Raises Forbidden when they may not read it."""
        if not self.may_read(owner, group):
            raise Forbidden(f"job {job} is {owner}'s: only {owner} reads what it writes")

    def life(self, life: Life) -> Life:
        """The life as they may see it."""
        owner, group = life.row.owner, str(life.terms.get("group", ""))
        if self.may_read(owner, group):
            return life
        terms = {name: value for name, value in life.terms.items() if name not in _WORDS_TOLD}
        return replace(
            life,
            row=_bare_job(life.row),
            argv=_program(life.argv),
            folder="",
            terms=terms,
            attempts=tuple(replace(each, text=None, last_words=None) for each in life.attempts),
            events=life.events and tuple(replace(each, text=None) for each in life.events),
            last_lines=None,
            environment=None,
            trouble=f"what it writes only {owner} reads",
        )

    def may_read_all(self, owners: Iterable[str]) -> bool:
        """They may read what jobs of all these owners were given and write."""
        return self.see_all or all(map(self.may_read, owners))

    def page(self, page: Page) -> Page:
        """The page as they may see it."""
        if self.see_all:
            return page
        return replace(
            page,
            rows=tuple(row if self.may_read(row.owner) else _bare(row) for row in page.rows),
            jobs=tuple(row if self.may_read(row.owner) else _bare_job(row) for row in page.jobs),
        )


def is_member(user: str, group: str) -> bool:
    """The user is in that unix group of this machine."""
    try:
        wanted, account = grp.getgrnam(group), pwd.getpwnam(user)
    except KeyError:
        return False
    return wanted.gr_gid in os.getgrouplist(user, account.pw_gid)


def _program(argv: tuple[str, ...]) -> tuple[str, ...]:
    return (argv[0].rpartition("/")[2],) if argv else ()


def _bare(row: SubmissionRow) -> SubmissionRow:
    job = _bare_job(row.job) if row.job else None
    return replace(row, argv=_program(row.argv), folder="", output=None, job=job)


def _bare_job(row: JobRow) -> JobRow:
    problem = row.problem
    if problem and row.state not in _OWN_WORDS:
        problem = hidden(problem)
    return replace(row, output=None, problem=problem)
