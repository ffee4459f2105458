"""The journals of released versions, and of this one, that are kept in tests/data."""

import gzip
import re
from pathlib import Path

DATA = Path(__file__).parent / "data"
STORED = {
    int(re.findall(r"\d+", path.name)[0]): path for path in DATA.glob("journal-*.sqlite.gz")
}  # by version


def unpack(version: int, folder: Path) -> Path:
    """The database of that version, in a folder as servers have one."""
    folder.mkdir(mode=0o700)
    path = folder / "journal.sqlite"
    path.write_bytes(gzip.decompress(STORED[version].read_bytes()))
    return path
