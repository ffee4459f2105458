"""The longer ones of the statements by which records are written. Nothing but text."""

RESULT_COLUMNS = (
    "job, epoch, attempt, ending, exit_code, signal, problem, host, pid, started_ns, ended_ns,"
    " cpu_s, peak_kib, output_length, output_sha256, cause"
)
EVENT_COLUMNS = "seq, job, next, kind, epoch, attempt, worker, host, pid, at_ns, by, reason"
LAST_EVENT = (
    "max(coalesce((SELECT seq + next - job - 1 FROM event ORDER BY seq DESC LIMIT 1), 0),"
    " coalesce((SELECT seq FROM submission ORDER BY first DESC LIMIT 1), 0), coalesce((SELECT max(seq) FROM limits), 0))"
)
SUBMISSION = (
    "INSERT INTO submission (first, count, open, here, nonce, at_ns, folder, physical, environment, submitter, terms, script, stdin, lacking, argv, items, listed, seq)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, (SELECT id FROM environment WHERE sha256 = ?), ?,"
    " (SELECT id FROM terms WHERE json = ?), ?, ?, ?, ?, ?, ?, ?)"
)
PLACE = (
    "INSERT INTO live (job, epoch, attempt, crashes, failures, reruns, outlived, not_before_ns, worker,"
    " host, pid, signal, at_ns, paused, granted)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (job) DO UPDATE SET epoch = excluded.epoch,"
    " attempt = excluded.attempt, crashes = live.crashes + excluded.crashes,"
    " failures = live.failures + excluded.failures, reruns = live.reruns + excluded.reruns,"
    " outlived = live.outlived + excluded.outlived, not_before_ns = excluded.not_before_ns, worker = excluded.worker,"
    " host = excluded.host, pid = excluded.pid, signal = excluded.signal, at_ns = excluded.at_ns,"
    " paused = excluded.paused, granted = excluded.granted"
)
# Of what is held before, ranges go, the last one first: what lies behind it, what lies before it, and what is in it.
NOT_HELD = (
    "INSERT INTO held SELECT ?2, next FROM held WHERE first < ?2 AND next > ?2",
    "UPDATE held SET next = ?1 WHERE first < ?1 AND next > ?1 AND ?2 > ?1",
    "DELETE FROM held WHERE first >= ?1 AND first < ?2",
)
NO_PART = (
    "INSERT INTO part SELECT ?2, next, terms FROM part WHERE first < ?2 AND next > ?2",
    "UPDATE part SET next = ?1 WHERE first < ?1 AND next > ?1 AND ?2 > ?1",
    "DELETE FROM part WHERE first >= ?1 AND first < ?2",
)
# Of a job that is forgotten by now nothing is to be known.
LATE_EVENT = (
    f"INSERT INTO event ({EVENT_COLUMNS}) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12"
    " WHERE EXISTS (SELECT 1 FROM submission WHERE first = (SELECT max(first) FROM submission WHERE first <= ?2)"
    " AND first + count > ?2)"
)
# Those of a submission among the jobs ?1 .. ?2 - 1.
_OF_THEM = "(min(first + count, ?2) - max(first, ?1))"
_WHOSE = " WHERE first >= (SELECT max(first) FROM submission WHERE first <= ?1) AND first < ?2"
# These have ended in that way; as of the event ?3, at the time ?4, there may be none left.
CLOSE = {
    how: (
        f"UPDATE submission SET open = open - {_OF_THEM}, {how} = {how} + {_OF_THEM},"
        f" ended_seq = CASE open WHEN {_OF_THEM} THEN ?3 END, ended_ns = CASE open WHEN {_OF_THEM} THEN ?4 END{_WHOSE}"
    )
    for how in ("done", "failed", "cancelled", "lost", "skipped")
}
STARTED = f"UPDATE submission SET started_seq = ?3, started_ns = ?4{_WHOSE} AND started_seq IS NULL"
RESULT = (
    f"INSERT INTO result ({RESULT_COLUMNS}, seq, output)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
ENDED = "INSERT INTO ended (first, next, seq, ending, exit_code, signal, reason) VALUES (?, ?, ?, ?, ?, ?, ?)"
RESET = "UPDATE meta SET value = CASE key WHEN 'reset_seq' THEN ? ELSE 0 END WHERE key = 'reset_seq' OR key LIKE '%_count'"
