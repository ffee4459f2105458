"""Which queue a server may go on with, or begin, where it was started. What GOQ_HOME remembers decides.

A second queue beside one that has work, and going on with a copy, are deeds with a name: `--new` and
`--restored`. Whoever did not mean them has started the server in the wrong folder.
"""

import os
from pathlib import Path

from goq.adapters.config import JOURNAL_FILE, Config
from goq.adapters.files.identity import identity
from goq.adapters.machine import host_name
from goq.adapters.remembered import Remembered, Served, mount_point, recall, trouble_with
from goq.adapters.store.file import Standing, holder, standing
from goq.core.values.ids import Epoch
from goq.core.values.place import Place
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
    told: list[str] = []
    if not new and is_ours:
        told = [_look_at_memory(config), *_remembered(config, here)] if here else _begin_beside(config)
    told += [_look_at_home(config, here)] if here else []
    return " ".join(dict.fromkeys(filter(None, told)))


def place_of(config: Config, last: Epoch) -> Served:
    """What GOQ_HOME is to remember of the queue that is served from here."""
    folder = config.journal_folder
    inode, mount = (folder / JOURNAL_FILE).stat().st_ino, mount_point(folder.resolve())
    return Served(last.queue, last.number, folder, config.output_folder, inode, mount, host_name())


def home_of(config: Config) -> Place:
    """What the journal is to remember of its own place."""
    folder = config.journal_folder
    path, mount = folder / JOURNAL_FILE, mount_point(folder.resolve())
    return Place(os.fsencode(folder), identity(path), os.fsencode(mount), host_name())


def latest_epoch(config: Config, last: Epoch) -> int:
    """The latest epoch of the queue that is known to have been, by its journal or by GOQ_HOME."""
    known = recall(config.home)
    seen = [each.epoch for each in known.queues if each.queue == last.queue] if known else []
    return max([last.number, *seen])


def _look_at_memory(config: Config) -> str:
    trouble = trouble_with(config.home)
    return f"{trouble}: which queues were served before is not known; it is written anew." if trouble else ""


# --- a folder without a journal ------------------------------------------------------------


def _begin_beside(config: Config) -> list[str]:
    """Begin a queue, if none that is remembered has jobs."""
    name, known = _shown(config.journal_folder), recall(config.home)
    if trouble := trouble_with(config.home):
        raise WrongFolder(
            f"{name} holds no journal, and whether jobs of another queue wait is not known: {trouble}; start"
            " 'goq serve' in its folder, or 'goq serve --new' to begin a queue here"
        )
    return [_begin(name, each) for each in (known.queues if known else ())][:1]


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


def _remembered(config: Config, here: Standing) -> list[str]:
    """Hold it against what is remembered of its queue, and say which was the latest here."""
    known = recall(config.home)
    queues = known.queues if known else ()
    ours = [_go_on(config, here, each) for each in queues if each.queue == here.queue]
    return ours if not queues or queues[0].queue == here.queue else [_another(here, queues[0])]


def _another(here: Standing, latest: Served) -> str:
    queue, there = show_queue(here.queue), _shown(latest.folder)
    return f"this is queue {queue}; commands with this GOQ_HOME asked {show_queue(latest.queue)}, in {there}, before."


def _go_on(config: Config, here: Standing, known: Served) -> str:
    name, queue = _shown(config.journal_folder), show_queue(here.queue)
    if here.epoch < known.epoch:
        raise WrongFolder(
            f"the journal in {name} is an old copy of queue {queue}: it ends in epoch {here.epoch}, and {known.epoch}"
            " was there; start the latest one, or 'goq serve --restored' to go on with this"
        )
    if _is_same(config.journal_folder, known.folder):
        return ""
    if here.epoch == known.epoch:  # one that is later than what was there before is no copy of that
        _refuse_copy(name, here, known)
    return _moved(config, here, known)


def _look_at_home(config: Config, here: Standing) -> str:
    """Hold the journal against the place that it knows as its own, whatever GOQ_HOME remembers."""
    home, name, queue = here.place, _shown(config.journal_folder), show_queue(here.queue)
    if not home.file:
        return ""
    folder = Path(os.fsdecode(home.folder))
    known = Served(here.queue, here.epoch, folder, folder, 0, Path(os.fsdecode(home.mount)), home.host)
    is_here = _is_same(config.journal_folder, folder)
    if here.file == home.file or (is_here and here.is_at_rest):
        return "" if is_here else _moved(config, here, known)
    if not is_here:
        _refuse_copy(name, here, known)
    if not here.is_at_rest:
        raise WrongFolder(
            f"the journal in {name} is a copy, made while a server had it in {_shown(folder)}: what that one gave out"
            f" since, queue {queue} knows nothing of. Put the original back, or start 'goq serve --restored'"
        )
    return _moved(config, here, known)


def _moved(config: Config, here: Standing, known: Served) -> str:
    name, there = _shown(config.journal_folder), _shown(known.folder)
    return (
        f"queue {show_queue(here.queue)} has moved: it was in {there} on {known.host}, and is in {name} now."
    )


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
    served = (
        next((each for each in known.queues if here and each.queue == here.queue), None) if known else None
    )
    if served is None and here and here.place.file:
        folder = Path(os.fsdecode(here.place.folder))
        served = Served(here.queue, here.epoch, folder, folder, 0, folder, here.place.host)
    if served is None or here is None:
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
