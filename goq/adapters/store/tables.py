"""The journal's tables, and how a journal of an older version becomes one of this.

What can be derived has no row: a job waits that was submitted, does not run and has not ended. So a
submission is one row, however many jobs it has, and jobs are numbers. `first` and `next` bound
a range of them, without `next`. An event of a range takes as many numbers `seq` as it has jobs, so
that a range can be cut without changing an order.

To change the tables: raise VERSION, append the step that leads there to UPGRADES, and store a journal of the new
version in tests/data (`make journal`), beside those of the old ones. A version is never changed after its release;
before it, change the tables and store the journal anew.
"""

VERSION = 1
BACKUP = "backup"  # in meta: a copy that no server has gone on with
STOPPED = "stopped"  # in meta: the latest server has ended in order
APPLICATION_ID = 0x676F7131  # "goq1", in the header of the file

TABLES = """
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) WITHOUT ROWID;

-- Whose queue this is: 128 random bits. A copy of the journal has them too.
CREATE TABLE queue (id BLOB NOT NULL);

-- One row a start of a server with this queue. What it gives out bears the number, and what was drawn: 63 random
-- bits, since a copy of the journal has the same numbers. The latest row tells where this journal is at home.
CREATE TABLE epoch (
    number INTEGER PRIMARY KEY,
    at_ns  INTEGER NOT NULL,
    draw   INTEGER NOT NULL,
    folder BLOB NOT NULL,
    file   TEXT NOT NULL,                           -- which file it was there, as adapters/files/identity.py has it
    mount  BLOB NOT NULL,
    host   TEXT NOT NULL
);

-- Each environment is stored once, however many submissions have it; so are terms.
CREATE TABLE environment (
    id     INTEGER PRIMARY KEY,
    sha256 BLOB NOT NULL UNIQUE,
    data   BLOB NOT NULL
);
CREATE TABLE terms (
    id   INTEGER PRIMARY KEY,
    json TEXT NOT NULL UNIQUE
);

-- What travels apart, in pieces: scripts, and piped standard inputs. A name is a SHA-256 and a size
-- (core/values/blobs.py); of these bytes so many are here. An input goes when no job needs it any more.
CREATE TABLE blob (
    name BLOB PRIMARY KEY,
    here INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE piece (
    id    INTEGER PRIMARY KEY,
    blob  BLOB NOT NULL,
    start INTEGER NOT NULL,
    data  BLOB NOT NULL,
    UNIQUE (blob, start)
);

-- One row a submission: the jobs first .. first + count - 1, `open` of which have not ended. The
-- nonce makes it happen once. The command is here; of a list each job has a line in item, and that is its
-- command, where there is none here. Of `here` jobs the lines have come, or are not needed. Until all
-- are here none of the jobs runs; such a list ends as a whole.
CREATE TABLE submission (
    first       INTEGER PRIMARY KEY,
    count       INTEGER NOT NULL,
    open        INTEGER NOT NULL,
    here        INTEGER NOT NULL,
    nonce       BLOB NOT NULL UNIQUE,
    at_ns       INTEGER NOT NULL,
    folder      BLOB NOT NULL,
    physical    BLOB NOT NULL,                      -- the folder without symbolic links, if that is another
    environment INTEGER NOT NULL REFERENCES environment (id),
    submitter   TEXT NOT NULL,
    terms       INTEGER REFERENCES terms (id),      -- NULL: nothing special was asked for
    script      BLOB,                               -- the name of a blob; NULL: none was taken along
    stdin       BLOB,                               -- the same
    lacking     INTEGER NOT NULL,                   -- so many of these are not here: none of the jobs runs
    argv        BLOB,                               -- NULL: each line is a command
    items       BLOB,                               -- what goes with the command of each job (core/values/items.py)
    listed      INTEGER NOT NULL,                   -- 1: each job has a line
    seq         INTEGER NOT NULL,                   -- its coming has a number among the events, and no row there
    done        INTEGER NOT NULL DEFAULT 0,         -- of those that have ended, so many well, and so on
    failed      INTEGER NOT NULL DEFAULT 0,
    cancelled   INTEGER NOT NULL DEFAULT 0,
    lost        INTEGER NOT NULL DEFAULT 0,
    skipped     INTEGER NOT NULL DEFAULT 0,
    started_seq INTEGER,                            -- when the first of its jobs was given to a worker: the latest event
    started_ns  INTEGER,                            -- that was written with that, and the time; NULL: none was
    ended_seq   INTEGER,                            -- when the last of them ended: the same
    ended_ns    INTEGER
);
CREATE INDEX environment_in_use ON submission (environment);
CREATE INDEX terms_in_use ON submission (terms) WHERE terms IS NOT NULL;
CREATE INDEX script_in_use ON submission (script) WHERE script IS NOT NULL;
CREATE INDEX stdin_in_use ON submission (stdin) WHERE stdin IS NOT NULL;
CREATE INDEX open_submission ON submission (first) WHERE open > 0;
CREATE INDEX started_submission ON submission (first) WHERE open > 0 AND started_seq IS NOT NULL;
CREATE INDEX ended_submission ON submission (ended_seq) WHERE ended_seq IS NOT NULL;

-- The lines of the jobs first .. first + count - 1 of one submission, as a list in MessagePack.
CREATE TABLE item (
    first INTEGER PRIMARY KEY,
    count INTEGER NOT NULL,
    lines BLOB NOT NULL
);

-- A job that runs, or that waits and has a past: then it has no worker.
CREATE TABLE live (
    job     INTEGER PRIMARY KEY,
    epoch   INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    crashes INTEGER NOT NULL,
    failures INTEGER NOT NULL,                      -- of the attempts, those that were tried again for how they ended,
    reruns  INTEGER NOT NULL,                       -- and those that were so and count as nothing
    outlived INTEGER NOT NULL,                      -- of the attempts, those after which their worker's lifetime was over
    not_before_ns INTEGER NOT NULL,                 -- it waits for that before it is tried again, 0: for nothing
    worker  TEXT NOT NULL,
    host    TEXT NOT NULL,
    pid     INTEGER NOT NULL,
    signal  INTEGER NOT NULL,                       -- to kill it with, 0 while nobody wants that
    at_ns   INTEGER NOT NULL,
    paused  INTEGER NOT NULL,                       -- 1: somebody wants it stopped
    granted TEXT NOT NULL                           -- what of the host is its own, in JSON (core/values/room.py); '': nothing
);

-- What of its host was a job's own in an attempt, as in live; where nothing was, there is no row.
CREATE TABLE granted (
    job     INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    what    TEXT NOT NULL,
    PRIMARY KEY (job, attempt)
) WITHOUT ROWID;

-- The jobs first .. next - 1 have these terms, and no more those of their submission, or had them to their end.
CREATE TABLE part (
    first INTEGER PRIMARY KEY,
    next  INTEGER NOT NULL,
    terms TEXT NOT NULL
);
-- So much may be drawn of something at a time; amount NULL: of an array, as much as anybody wants.
CREATE TABLE limits (
    name   TEXT PRIMARY KEY,
    amount INTEGER,
    by     TEXT NOT NULL,
    host   TEXT NOT NULL,
    pid    INTEGER NOT NULL,
    why    TEXT NOT NULL,
    at_ns  INTEGER NOT NULL,
    before INTEGER,                                 -- what counts again when a node is well again
    now    INTEGER NOT NULL,                        -- 1: of a host, and what runs there is to be handed back
    seq    INTEGER NOT NULL                         -- as of a submission
) WITHOUT ROWID;

-- Which generation of the keys of a user or a node counts; of one that was removed none does.
CREATE TABLE keys (
    holder     TEXT PRIMARY KEY,
    generation INTEGER NOT NULL,
    removed    INTEGER NOT NULL,                    -- 1: none
    by         TEXT NOT NULL,
    host       TEXT NOT NULL,
    pid        INTEGER NOT NULL,
    at_ns      INTEGER NOT NULL
) WITHOUT ROWID;

-- The jobs again, again + 1 ... are once more what the jobs first .. next - 1 were, which had ended.
CREATE TABLE retried (
    again INTEGER PRIMARY KEY,
    first INTEGER NOT NULL,
    next  INTEGER NOT NULL
);
CREATE INDEX retried_job ON retried (first);

-- The jobs first .. next - 1 wait until somebody releases them.
CREATE TABLE held (
    first INTEGER PRIMARY KEY,
    next  INTEGER NOT NULL
);

-- What happened to jobs after their submission, in order. Only ever appended to, until they are forgotten.
-- A person who did it is in `by`, with host and pid of the command.
CREATE TABLE event (
    seq     INTEGER PRIMARY KEY,
    job     INTEGER NOT NULL,
    next    INTEGER NOT NULL,
    kind    TEXT NOT NULL,
    epoch   INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    worker  TEXT NOT NULL,
    host    TEXT NOT NULL,
    pid     INTEGER NOT NULL,
    at_ns   INTEGER NOT NULL,
    by      TEXT NOT NULL,
    reason  TEXT NOT NULL
);
CREATE INDEX event_of_job ON event (job);
CREATE INDEX event_of_jobs ON event (job, next) WHERE next > job + 1;

-- How an attempt ended; by its event's number. ending NULL: the job is tried again. output: its
-- bytes until the file of them is on the disk; of one that is tried again, what it puts before the next one's.
CREATE TABLE result (
    seq           INTEGER PRIMARY KEY,
    job           INTEGER NOT NULL,
    epoch         INTEGER NOT NULL,
    attempt       INTEGER NOT NULL,
    ending        TEXT,
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
    cause         TEXT NOT NULL,                    -- why it was ended: time, memory or spool
    output        BLOB,
    UNIQUE (job, attempt)
);
CREATE INDEX unsaved_output ON result (job) WHERE output IS NOT NULL;
CREATE INDEX bad_result ON result (job) WHERE ending <> 'finished' OR exit_code <> 0 OR signal <> 0;

-- Jobs that ended while they waited, by their event's number.
CREATE TABLE ended (
    first     INTEGER PRIMARY KEY,
    next      INTEGER NOT NULL,
    seq       INTEGER NOT NULL UNIQUE,
    ending    TEXT NOT NULL,
    exit_code INTEGER NOT NULL,
    signal    INTEGER NOT NULL,
    reason    TEXT NOT NULL
);

-- Where an output is and begins, if not as the rule says. stream: 1 is the output, 2 what was wanted
-- apart from it. path x'': in the file that the rule says, from that attempt on; else of that attempt alone, below
-- the server's folder for outputs or, absolute, at the attempt's host. length: all that the attempt leaves in the
-- file, once it has ended. Of stream 2 the digest and the unsaved bytes are here, and not in result.
CREATE TABLE output (
    job     INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    stream  INTEGER NOT NULL,
    path    BLOB NOT NULL,
    start   INTEGER NOT NULL,
    length  INTEGER,
    sha256  BLOB NOT NULL DEFAULT x'',
    data    BLOB,
    PRIMARY KEY (job, attempt, stream)
) WITHOUT ROWID;
CREATE INDEX unsaved_apart ON output (job) WHERE data IS NOT NULL;
CREATE INDEX named_output ON output (path) WHERE path <> x'';

-- The job numbers first .. next - 1 are those of forgotten jobs: what else is missing was lost.
CREATE TABLE cleared (
    first INTEGER PRIMARY KEY,
    next  INTEGER NOT NULL
);

-- The job numbers first .. next - 1 were left out when a copy was gone on with, in that epoch.
CREATE TABLE skipped (
    first INTEGER PRIMARY KEY,
    next  INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    why   TEXT NOT NULL                             -- what showed that it was a copy; '': somebody said so
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

INSERT INTO meta VALUES ('finished_count', 0), ('failed_count', 0), ('cancelled_count', 0), ('lost_count', 0), ('skipped_count', 0), ('reset_seq', 0);
INSERT INTO queue VALUES (randomblob(16));
"""

# UPGRADES[n] turns a journal of version n into one of version n + 1.
UPGRADES: dict[int, str] = {}
