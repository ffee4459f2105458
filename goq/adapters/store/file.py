"""The journal's files: their lock, and a database that is whole and of this version."""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from msgspec import Struct

from goq.adapters.files.identity import identity
from goq.adapters.files.locks import NoLocks, try_lock
from goq.adapters.store.tables import APPLICATION_ID, BACKUP, STOPPED, TABLES, UPGRADES, VERSION
from goq.core.values.ids import QueueId
from goq.core.values.place import NOWHERE, Place
from goq.errors import JournalError, JournalTaken

_LOOK_EVERY_S = 0.02


def lock_journal(path: Path, patience_s: float) -> int:
    """The journal's lock, held until it is closed.

    Raises JournalTaken when another server still has it after that time: one that is about to
    end may have to bring its last pages to the disk; JournalError when nobody can have it.
    """
    fileno = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _wait_for_lock(fileno, path, time.monotonic() + patience_s)
        os.ftruncate(fileno, 0)
        os.pwrite(fileno, b"%d\n" % os.getpid(), 0)
    except BaseException:
        os.close(fileno)
        raise
    return fileno


def holder(folder: Path) -> str:
    """The pid of the server that has the journal in that folder now, as it wrote it; "" if none has."""
    try:
        fileno = os.open(folder / "lock", os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return ""
    try:
        return "" if try_lock(fileno) else _owner(fileno)
    except NoLocks:
        return ""
    finally:
        os.close(fileno)


def _owner(fileno: int) -> str:
    return os.read(fileno, 32).decode("ascii", "replace").strip() or "unknown"


def _wait_for_lock(fileno: int, path: Path, give_up_s: float) -> None:
    try:
        while not try_lock(fileno):
            if time.monotonic() >= give_up_s:
                raise JournalTaken(
                    f"the server with pid {_owner(fileno)} has the journal in {path.parent};"
                    " stop it, or set GOQ_JOURNAL to another folder"
                )
            time.sleep(_LOOK_EVERY_S)
    except NoLocks as error:
        raise JournalError(
            f"the file system of {path.parent} has no locks ({error.strerror}), and a journal needs one;"
            " set GOQ_JOURNAL to a folder on a local disk"
        ) from error


def open_journal(path: Path) -> sqlite3.Connection:
    """The database, made, or brought up to this version. Raises JournalError when it cannot be used."""
    # Born private: SQLite gives its side files the mode of the database.
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    db = sqlite3.connect(path, isolation_level=None, cached_statements=256)
    try:
        _prepare(db, path)
    except BaseException:
        db.close()
        raise
    return db


def _prepare(db: sqlite3.Connection, path: Path) -> None:
    (version,) = db.execute("PRAGMA user_version").fetchone()
    (application,) = db.execute("PRAGMA application_id").fetchone()
    (tables,) = db.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if application != APPLICATION_ID and (version or tables):
        raise JournalError(damage(path, "it is another program's"))
    if version > VERSION:
        raise JournalError(
            f"the journal {path} is of version {version}, and this goq knows versions up to {VERSION}; upgrade goq"
        )
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    if version == 0:
        _run(db, TABLES + f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {VERSION};")
        return
    for step in range(version, VERSION):
        _run(db, UPGRADES[step] + f"PRAGMA user_version = {step + 1};")
    complaints = [row[0] for row in db.execute("PRAGMA quick_check(1)")]
    if complaints != ["ok"]:
        raise JournalError(damage(path, complaints[0]))


def _run(db: sqlite3.Connection, script: str) -> None:
    db.executescript(f"BEGIN IMMEDIATE; {script} COMMIT;")


_HOW = "; put a backup in its place and start 'goq serve --restored', or move it away"


def damage(path: Path, error: object, how: str = _HOW) -> str:
    """What to tell of a journal that cannot be read."""
    if isinstance(error, sqlite3.OperationalError) and error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
        return (
            f"the journal {path} is locked: another program has it open, or its file system has no locks;"
            " then set GOQ_JOURNAL to a folder on a local disk"
        )
    return f"the journal {path} cannot be read ({error}){how}"


def read_only(folder: Path) -> sqlite3.Connection:
    """A journal to read, beside a server that writes it; not looked through for damage.

    Raises JournalError when it is not there, or no journal of this version.
    """
    path = folder / "journal.sqlite"
    try:
        db = _open_to_read(path)
        try:
            _check_version(db, path)
        except BaseException:
            db.close()
            raise
    except sqlite3.Error as error:
        raise JournalError(damage(path, error, how="")) from error
    return db


def _open_to_read(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)


@contextmanager
def snapshot(folder: Path) -> Iterator[sqlite3.Connection]:
    """A journal to read, as it is at one moment, whatever a server writes meanwhile.

    Raises JournalError when it is not there, or cannot be read.
    """
    path = folder / "journal.sqlite"
    if not path.exists():
        raise JournalError(f"no journal in {folder}; go to the folder of 'goq serve', or set GOQ_JOURNAL")
    with _reading(path) as db:
        _check_health(db, path)
        yield db


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    try:
        with closing(_open_to_read(path)) as db:
            _check_version(db, path)
            db.execute("PRAGMA temp_store = MEMORY")
            db.execute("BEGIN")
            yield db
    except sqlite3.Error as error:
        raise JournalError(damage(path, error, how="")) from error


class Standing(Struct, frozen=True, gc=False):
    """Whose journal a folder holds, in which epoch, and how many of its jobs wait or run."""

    queue: QueueId
    epoch: int
    live: int
    is_backup: bool
    inode: int
    is_at_rest: bool  # its latest server has ended in order
    place: Place  # where it was served last
    file: str  # which file it is


def standing(folder: Path) -> Standing | None:
    """What is in the folder; None when there is no journal. Raises JournalError when that cannot be seen."""
    path = folder / "journal.sqlite"
    try:
        status = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise JournalError(f"the journal {path} cannot be read ({error.strerror})") from error
    if not status.st_size:
        return None  # of a server that was killed as it began
    with _reading(path) as db:
        (queue,) = db.execute("SELECT id FROM queue").fetchone()
        (epoch,) = db.execute("SELECT coalesce(max(number), 0) FROM epoch").fetchone()
        (live,) = db.execute("SELECT coalesce(sum(open), 0) FROM submission").fetchone()
        served = db.execute(
            "SELECT folder, file, mount, host FROM epoch ORDER BY number DESC LIMIT 1"
        ).fetchone()
        place, rests = Place(*served) if served else NOWHERE, _is_marked(db, STOPPED)
        return Standing(
            QueueId(queue), epoch, live, is_backup(db), status.st_ino, rests, place, identity(path)
        )


def is_backup(db: sqlite3.Connection) -> bool:
    """It is a copy, and no server has gone on with it yet."""
    return _is_marked(db, BACKUP)


def _is_marked(db: sqlite3.Connection, key: str) -> bool:
    return db.execute("SELECT 1 FROM meta WHERE key = ?", (key,)).fetchone() is not None


def _check_version(db: sqlite3.Connection, path: Path) -> None:
    (mark,) = db.execute("PRAGMA application_id").fetchone()
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if mark != APPLICATION_ID:
        raise JournalError(f"{path} is no journal of goq")
    if version != VERSION:
        what = "upgrade goq" if version > VERSION else "start 'goq serve' once, which upgrades it"
        raise JournalError(
            f"the journal {path} is of version {version}, and this goq reads {VERSION}; {what}"
        )


def _check_health(db: sqlite3.Connection, path: Path) -> None:
    (complaint,) = db.execute("PRAGMA quick_check(1)").fetchone()
    if complaint != "ok":
        raise JournalError(
            f"the journal {path} is damaged ({complaint}); put a backup in its place and start 'goq serve --restored'"
        )
