"""Whose outputs lie where in the server's folder for outputs. Pure.

A server that writes each owner's outputs as that owner gives all of them folders of their own, but for whose it is
itself: what two people name alike is not one file, and nobody makes a folder in which another is to write.
"""

import hashlib
import re
from functools import lru_cache

from msgspec import Struct

from goq.core.values.ids import JobId
from goq.core.values.result import ERR, OUT, Files, output_name
from goq.core.values.templates import PART_BYTES, STRAYS

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_.@+=,-]*")
_ODD = re.compile(rb"[^A-Za-z0-9_.@+=,-]")
_NAMES_OF_FILES = re.compile(rf"(?:out|err)\..*|{STRAYS}")


class Layout(Struct, frozen=True, gc=False):
    """`keeper` is whose outputs lie in the folder itself, "" where everybody's do; `alias` is another name for the same."""

    keeper: str = ""
    alias: str = ""

    def folder_of(self, owner: str) -> str:
        """The folder in which all outputs of the owner lie, below the server's; "" for that itself."""
        is_keeper = owner == self.keeper or (bool(self.alias) and owner == self.alias)
        return "" if not self.keeper or is_keeper else owner_folder(owner)

    def placed(self, path: str, owner: str) -> str:
        """Where a file of that owner's is; what lies at the job's own host stays there."""
        folder = "" if path.startswith("/") else self.folder_of(owner)
        return f"{folder}/{path}" if folder else path

    def files_of(self, files: Files, job: JobId, owner: str) -> Files:
        """The same of all files of a job, by stream: the first has a name in its owner's folder in any case."""
        folder = self.folder_of(owner)
        if not folder:
            return files
        named = dict(files)
        out = self.placed(named.get(OUT, output_name(job)), owner)
        return ((OUT, out), *((ERR, self.placed(named[ERR], owner)) for _ in (ERR,) if ERR in named))


EVERYBODY_S = Layout()


@lru_cache(maxsize=10_000)
def owner_folder(owner: str) -> str:
    """The folder of an owner: the name, and no other owner's; one that leads elsewhere or is a file's is spelt out."""
    folder = owner
    if not _PLAIN.fullmatch(owner) or _NAMES_OF_FILES.fullmatch(owner):
        odd = _ODD.sub(lambda found: b"%%%02x" % found[0][0], owner.encode(errors="surrogateescape"))
        folder = f"%{odd.decode()}"
    if len(folder) > PART_BYTES:
        folder = f"%{hashlib.sha256(owner.encode(errors='surrogateescape')).hexdigest()}"
    return folder
