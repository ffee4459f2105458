"""The errors that goq shows to people or drops on the floor, and the exit code of each.

Ground floor: everybody may use it. A `GoqError` carries a sentence that says what was wrong
and what to do next; only `goq/commands` prints it. A `BadMessage` is a peer's fault: the
server counts it and lives on. Whatever else escapes is a bug of ours.
"""


class GoqError(Exception):
    """What a person should read, in one line, and how the command ends."""

    exit_code = 1


class BadSetting(GoqError):
    """A GOQ_* variable, a cluster id file or a folder that cannot be used as it is."""


class BadCommand(GoqError):
    """A job that cannot be submitted as it was typed."""

    exit_code = 2


class CannotLaunch(GoqError):
    """A worker cannot start what starts its jobs."""


class AddressTaken(GoqError):
    """Another program listens on the server's address."""


class WorkerFailed(GoqError):
    """A worker that cannot go on: jobs cannot be started any more where it is."""


class JournalError(GoqError):
    """The journal cannot be opened, read or written."""


class WrongFolder(GoqError):
    """A server that would begin a second queue, or go on with a copy, and was not told to."""


class JournalTaken(JournalError):
    """Another process has the journal open to write it."""


class JournalFull(JournalError):
    """The disk is full; the journal is as it was before, and the commit may be tried again."""


class JobUnknown(GoqError):
    """There is no such job, at that server or in that journal."""

    def __init__(self, job: int, where: str) -> None:
        super().__init__(f"no job {job} {where}; 'goq stat' shows the jobs that there are")


class RequestRefused(GoqError):
    """The server understood the request and says no."""


class Forbidden(RequestRefused):
    """Whoever asks has no right to it: it is another's."""


class TooSlow(GoqError):
    """A look into the journal that takes longer than one may."""


class TimeUp(GoqError, TimeoutError):
    """What was waited for had not come when the time was up."""


class ServerUnreachable(GoqError):
    """No server answered: none is there, or it would not answer us."""

    exit_code = 3


class BadMessage(Exception):
    """A frame that a peer should not have sent: not ours, not signed, or not to be understood."""


class NotUnderstood(BadMessage):
    """A signed message that makes no sense; `nonce` lets the server say so to its sender."""

    def __init__(self, reason: str, nonce: bytes) -> None:
        super().__init__(reason)
        self.nonce = nonce
