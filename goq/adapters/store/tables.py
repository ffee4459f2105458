"""The journal's tables, and how a journal of an older version becomes one of this.

To change the tables: raise VERSION, append the step that leads there to UPGRADES, and keep a
journal of the old version in tests/data. A version is never changed afterwards.
"""

VERSION = 1
BACKUP = "backup"  # in meta: a copy that no server has gone on with
APPLICATION_ID = 0x676F7131  # "goq1", in the header of the file

TABLES = """
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) WITHOUT ROWID;

-- Whose queue this is: 128 random bits. A copy of the journal has them too.
CREATE TABLE queue (id BLOB NOT NULL);

-- One row a start of a server with this queue. What it gives out bears the number.
CREATE TABLE epoch (
    number INTEGER PRIMARY KEY,
    at_ns  INTEGER NOT NULL
);

-- Each environment is stored once, however many submissions have it.
CREATE TABLE environment (
    id     INTEGER PRIMARY KEY,
    sha256 BLOB NOT NULL UNIQUE,
    data   BLOB NOT NULL
);

-- One row a submission: the jobs first .. first + count - 1. The nonce makes it happen once.
CREATE TABLE submission (
    first       INTEGER PRIMARY KEY,
    count       INTEGER NOT NULL,
    nonce       BLOB NOT NULL UNIQUE,
    at_ns       INTEGER NOT NULL,
    folder      BLOB NOT NULL,
    environment INTEGER NOT NULL REFERENCES environment (id),
    submitter   TEXT NOT NULL,
    requeue     INTEGER NOT NULL DEFAULT 1,
    unique_key  TEXT NOT NULL DEFAULT '',
    physical    BLOB NOT NULL DEFAULT x'', -- the folder's path without symbolic links, if that is another
    umask       INTEGER NOT NULL DEFAULT 18
);
CREATE INDEX environment_in_use ON submission (environment);

-- live: 0 ended, 1 waiting, 2 running, 3 running and to be cancelled.
CREATE TABLE job (
    id         INTEGER PRIMARY KEY,
    submission INTEGER NOT NULL REFERENCES submission (first),
    argv       BLOB NOT NULL,
    live       INTEGER NOT NULL,
    attempts   INTEGER NOT NULL,
    crashes    INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX live_job ON job (id) WHERE live > 0;

-- What happened to a job after its submission, in order. Only ever appended to, until the job is forgotten.
CREATE TABLE event (
    seq     INTEGER PRIMARY KEY,
    job     INTEGER NOT NULL,
    kind    TEXT NOT NULL,
    epoch   INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    worker  TEXT NOT NULL,
    host    TEXT NOT NULL,
    pid     INTEGER NOT NULL,
    at_ns   INTEGER NOT NULL,
    reason  TEXT NOT NULL
);
CREATE INDEX event_of_job ON event (job);

-- The one final state of a job. output: its bytes until the file of them is on the disk.
CREATE TABLE result (
    job           INTEGER PRIMARY KEY,
    seq           INTEGER NOT NULL,
    epoch         INTEGER NOT NULL,
    attempt       INTEGER NOT NULL,
    ending        TEXT NOT NULL DEFAULT 'finished',
    exit_code     INTEGER NOT NULL,
    signal        INTEGER NOT NULL,
    problem       TEXT NOT NULL,
    host          TEXT NOT NULL,
    pid           INTEGER NOT NULL,
    started_ns    INTEGER NOT NULL,
    ended_ns      INTEGER NOT NULL,
    cpu_s         REAL NOT NULL,
    peak_kib      INTEGER NOT NULL,
    output_length INTEGER NOT NULL,
    output_sha256 BLOB NOT NULL,
    output        BLOB
);
CREATE INDEX result_in_order ON result (seq);
CREATE INDEX unsaved_output ON result (job) WHERE output IS NOT NULL;

-- Where the output begins in a file that was there before the job.
CREATE TABLE output_start (
    job   INTEGER PRIMARY KEY,
    start INTEGER NOT NULL
);

-- The job numbers first .. next - 1 are those of forgotten jobs: what else is missing was lost.
CREATE TABLE cleared (
    first INTEGER PRIMARY KEY,
    next  INTEGER NOT NULL
);

-- The job numbers first .. next - 1 were left out when a copy was gone on with, in that epoch.
CREATE TABLE skipped (
    first INTEGER PRIMARY KEY,
    next  INTEGER NOT NULL,
    epoch INTEGER NOT NULL
);

-- What ended that a server gave which had this queue after that copy was made: nobody knows more of it.
CREATE TABLE stray (
    job           INTEGER NOT NULL,
    epoch         INTEGER NOT NULL,
    attempt       INTEGER NOT NULL,
    worker        TEXT NOT NULL,
    host          TEXT NOT NULL,
    pid           INTEGER NOT NULL,
    exit_code     INTEGER NOT NULL,
    signal        INTEGER NOT NULL,
    problem       TEXT NOT NULL,
    output_length INTEGER NOT NULL,
    at_ns         INTEGER NOT NULL,
    PRIMARY KEY (job, epoch, attempt, worker)
) WITHOUT ROWID;

-- Forgotten, but their rows are still to be removed, a piece at a time.
CREATE TABLE sweeping (
    first INTEGER PRIMARY KEY,
    next  INTEGER NOT NULL
);

-- The nonces of forgotten submissions: sent again, even much later, they make no new jobs.
CREATE TABLE forgotten (
    first INTEGER PRIMARY KEY,
    count INTEGER NOT NULL,
    nonce BLOB NOT NULL UNIQUE,
    at_ns INTEGER NOT NULL
);

INSERT INTO meta VALUES ('finished_count', 0), ('failed_count', 0), ('cancelled_count', 0), ('lost_count', 0), ('reset_seq', 0);
INSERT INTO queue VALUES (randomblob(16));
"""

# UPGRADES[n] turns a journal of version n into one of version n + 1.
UPGRADES: dict[int, str] = {}
