"""The ceiling of every durable queue in SQLite: rows a second, in transactions that are synced.

Run as a program with a file, a count of rows and a count of rows a transaction.
"""

import os
import sqlite3
import sys
import time
from pathlib import Path


def main() -> None:
    path, count, each = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute("CREATE TABLE job (id INTEGER PRIMARY KEY, argv BLOB NOT NULL)")
    started = time.monotonic()
    for _ in range(count // each):
        db.execute("BEGIN IMMEDIATE")
        db.executemany("INSERT INTO job VALUES (NULL, ?)", [(b"true",)] * each)
        db.execute("COMMIT")
    print(count // each * each / (time.monotonic() - started))
    db.close()
    os.unlink(path)


if __name__ == "__main__":
    main()
