"""Where what a job writes goes: into spools of its worker, or to the ends of files that its submitter named."""

from goq.adapters.accounts import Account
from goq.adapters.jobs.appending import Appender
from goq.adapters.jobs.drain import Drain
from goq.adapters.jobs.spawning import no_output

Outlet = tuple[bytes, bool]  # a file, and whether it is the submitter's
Outlets = (
    bytes | tuple[Outlet, ...]
)  # a spool for all; or what is for the output, and for the errors if apart


def open_drains(outlets: Outlets, umask: int, account: Account | None = None) -> tuple[Drain, ...]:
    """A drain for each; of the first the job's output is. Raises CannotStart; then none is open."""
    if isinstance(outlets, bytes):
        return (_drain(outlets, umask, account, is_named=False),)
    drains: list[Drain] = []
    try:
        for path, is_named in outlets:
            drains.append(_drain(path, umask, account, is_named=is_named))
    except BaseException:
        for drain in drains:
            drain.close()
        raise
    return tuple(drains)


def _drain(path: bytes, umask: int, account: Account | None, *, is_named: bool) -> Drain:
    try:
        return Appender(path, umask, account) if is_named else Drain(path, account)
    except OSError as error:
        raise no_output(error, path) from error
