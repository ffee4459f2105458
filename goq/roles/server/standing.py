"""Which queue a server may go on with, or begin, where it was started. What GOQ_HOME remembers decides.

A second queue beside one that has work, and going on with a copy, are deeds with a name: `--new` and
`--restored`. Whoever did not mean them has started the server in the wrong folder.
"""

import os
from pathlib import Path

from goq.adapters.config import JOURNAL_FILE, Config
from goq.adapters.machine import host_name
from goq.adapters.remembered import Remembered, Served, mount_point, recall
from goq.adapters.store.file import Standing, holder, standing
from goq.core.values.ids import Epoch
from goq.core.values.text import show_folder, show_queue
from goq.errors import JournalError, WrongFolder


def settle_folder(config: Config, *, new: bool, restored: bool, is_ours: bool = True) -> str:
    """What to say of the folder before the server begins; "" if nothing. `is_ours`: GOQ_HOME's cluster.

    Raises WrongFolder.
    """
    try:
        here = standing(config.journal_folder)
    except JournalError:
        return ""  # it is damaged, or of another version: whoever opens it says so, or upgrades it
    name = _shown(config.journal_folder)
    if restored and here is None:
        raise WrongFolder(
            f"{name} holds no journal to go on with; put a backup there, as 'journal.sqlite', and start again"
        )
    if restored:
        _refuse_beside_the_original(config, here, recall(config.home))
        return ""
    if new and here:
        raise WrongFolder(
            f"{name} holds a journal already, of queue {show_queue(here.queue)}; start 'goq serve' to go on"
            " with it, or 'goq serve --new' in another folder"
        )
    if here and here.is_backup:
        raise WrongFolder(
            f"the journal in {name} is a backup of queue {show_queue(here.queue)}, and more may have happened"
            " since; start 'goq serve --restored' to go on with it"
        )
    known = recall(config.home)
    if new or known is None or known.served is None or not is_ours:
        return ""
    return _go_on(config, here, known.served) if here else _begin(name, known.served)


def place_of(config: Config, last: Epoch) -> Served:
    """What GOQ_HOME is to remember of the queue that is served from here."""
    folder = config.journal_folder
    inode, mount = (folder / JOURNAL_FILE).stat().st_ino, mount_point(folder.resolve())
    return Served(last.queue, last.number, folder, config.output_folder, inode, mount, host_name())


def latest_epoch(config: Config, last: Epoch) -> int:
    """The latest epoch of the queue that is known to have been, by its journal or by GOQ_HOME."""
    known = recall(config.home)
    if known and known.served and known.served.queue == last.queue:
        return max(last.number, known.served.epoch)
    return last.number


# --- a folder without a journal ------------------------------------------------------------


def _begin(name: str, known: Served) -> str:
    there, queue = _shown(known.folder), show_queue(known.queue)
    try:
        found = _look(known)
    except JournalError as error:
        raise WrongFolder(
            f"{name} holds no journal, and whether jobs of queue {queue} wait in {there} cannot be seen ({error});"
            " start 'goq serve' there, or 'goq serve --new' to begin a second queue here"
        ) from error
    if found is None:
        return f"queue {queue} is gone from {there}, where it was; this is a new one."
    if found.live:
        raise WrongFolder(
            f"{name} holds no journal, and queue {show_queue(found.queue)} in {there} has {_live(found.live)};"
            " start 'goq serve' there, or 'goq serve --new' to begin a second queue here"
        )
    return f"queue {queue} in {there} has no job that waits or runs; this is a new one."


def _live(count: int) -> str:
    return "1 job that waits or runs" if count == 1 else f"{count} jobs that wait or run"


# --- a folder with one -----------------------------------------------------------------------


def _go_on(config: Config, here: Standing, known: Served) -> str:
    name, there, queue = _shown(config.journal_folder), _shown(known.folder), show_queue(here.queue)
    if here.queue != known.queue:
        return f"this is queue {queue}; commands with this GOQ_HOME asked {show_queue(known.queue)}, in {there}, before."
    if here.epoch < known.epoch:
        raise WrongFolder(
            f"the journal in {name} is an old copy of queue {queue}: it ends in epoch {here.epoch}, and {known.epoch}"
            " was there; start the latest one, or 'goq serve --restored' to go on with this"
        )
    if _is_same(config.journal_folder, known.folder):
        return ""
    if here.epoch == known.epoch:  # one that is later than what was there before is no copy of that
        _refuse_copy(name, here, known)
    return f"queue {queue} has moved: it was in {there} on {known.host}, and is in {name} now."


def _refuse_copy(name: str, here: Standing, known: Served) -> None:
    """Raises WrongFolder when the queue is where it was as well, or may be."""
    there, queue = _shown(known.folder), show_queue(here.queue)
    try:
        found = _look(known)
    except JournalError as error:
        if here.inode == known.inode or known.host != host_name():
            return  # the very same file, or the folder came along to another machine
        raise WrongFolder(
            f"{name} holds queue {queue}, and whether {there} does so too cannot be seen ({error}); have that"
            " disk there and start again, or 'goq serve --restored' to go on with a copy"
        ) from error
    if found and found.queue == here.queue:
        raise WrongFolder(
            f"queue {queue} is in {name} and in {there}: one of them is a copy. Start 'goq serve' in the right"
            " one, or 'goq serve --restored' to go on with a copy"
        )


def _refuse_beside_the_original(config: Config, here: Standing | None, known: Remembered | None) -> None:
    """Raises WrongFolder when a server has the queue already, elsewhere on this machine."""
    served = known.served if known else None
    if served is None or here is None or here.queue != served.queue:
        return
    pid = "" if _is_same(config.journal_folder, served.folder) else holder(served.folder)
    if pid:
        raise WrongFolder(
            f"{_shown(config.journal_folder)} holds a copy of queue {show_queue(here.queue)}, and the server with"
            f" pid {pid} has that queue in {_shown(served.folder)}: both would give the same jobs; stop that one first"
        )


def _look(known: Served) -> Standing | None:
    """What is there now where the queue was. Raises JournalError when that cannot be seen from here."""
    found = standing(known.folder)
    if found is None and known.host != host_name():
        raise JournalError(f"it was on {known.host}")
    if found is None and not os.path.ismount(known.mount):
        raise JournalError(f"nothing is mounted at {_shown(known.mount)}")
    return found


def _is_same(one: Path, other: Path) -> bool:
    """By whatever names: a symbolic link or another mount is no other place."""
    try:
        return one == other or os.path.samefile(one / JOURNAL_FILE, other / JOURNAL_FILE)
    except OSError:
        return False


def _shown(folder: Path) -> str:
    return f"'{show_folder(os.fsencode(folder))}'"
