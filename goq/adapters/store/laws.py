"""What `goq audit` holds against a journal: SQL that shares nothing with the code that writes it."""

# What moves a job, each with what went before it for the same job. Of a range of jobs those are
# here that something else has happened to as well, and its first.
STEPS = """
CREATE TEMP VIEW given AS
SELECT first, first + count AS next FROM submission UNION ALL SELECT first, next FROM cleared
UNION ALL SELECT first, next FROM skipped;
CREATE TEMP TABLE move AS
SELECT seq, job, kind, epoch, attempt FROM event
WHERE kind IN ('delegated', 'requeued', 'finished', 'cancelled', 'lost', 'skipped')
UNION ALL SELECT DISTINCT event.seq + other.job - event.job, other.job, event.kind, 0, event.attempt
FROM event CROSS JOIN event AS other ON other.job > event.job AND other.job < event.next
WHERE event.next > event.job + 1 AND event.kind IN ('finished', 'cancelled', 'lost', 'skipped');
CREATE TEMP TABLE step AS
SELECT seq, job, kind, epoch, attempt, lag(kind) OVER life AS before, lag(attempt) OVER life AS attempt_before,
       count(*) FILTER (WHERE kind = 'delegated') OVER life AS delegations
FROM move WINDOW life AS (PARTITION BY job ORDER BY seq);
CREATE TEMP TABLE last AS
SELECT job, kind, epoch, attempt, delegations FROM step
WHERE seq IN (SELECT max(seq) FROM step GROUP BY job);
CREATE INDEX temp.last_job ON last (job);
CREATE TEMP VIEW part AS
SELECT 'has events' AS what, job AS first, next FROM (SELECT DISTINCT job, next FROM event)
UNION ALL SELECT 'has a result', job, job + 1 FROM result
UNION ALL SELECT 'has ended', first, next FROM ended
UNION ALL SELECT 'is live', job, job + 1 FROM live
UNION ALL SELECT 'has a command', first, first + count FROM item;
"""

# Jobs that are forgotten, but whose rows are still being removed, are as gone as they will be.
SWEPT = ("event", "job"), ("result", "job"), ("granted", "job"), ("ended", "first"), ("item", "first")
HIDE_SWEPT = (
    "CREATE TEMP VIEW {table} AS SELECT * FROM main.{table} WHERE NOT EXISTS"
    " (SELECT 1 FROM sweeping WHERE {table}.{column} >= first AND {table}.{column} < next)"
)

# How many of a range of jobs were submitted; of a submission's jobs, how many have ended as told by `ended`.
_SUBMITTED = (
    "coalesce((SELECT max(0, min(s.first + s.count, part.next) - part.first) FROM submission AS s"
    " WHERE s.first < part.first ORDER BY s.first DESC LIMIT 1), 0)"
    " + coalesce((SELECT sum(min(s.first + s.count, part.next) - s.first) FROM submission AS s"
    " WHERE s.first >= part.first AND s.first < part.next), 0)"
)
_NEVER_RAN = "CASE ending WHEN 'finished' THEN 'failed' ELSE ending END"
_UNSTARTED = (
    f"SELECT s.first, {_NEVER_RAN} AS how, min(s.first + s.count, e.next) - e.first AS jobs FROM submission AS s CROSS JOIN ended AS e"
    " ON e.first >= s.first AND e.first < s.first + s.count"
    f" UNION ALL SELECT s.first, {_NEVER_RAN}, min(s.first + s.count, e.next) - s.first FROM ended AS e CROSS JOIN submission AS s"
    " ON s.first > e.first AND s.first < e.next"
)
_RAN = (
    "SELECT s.first, CASE WHEN ending <> 'finished' THEN ending WHEN exit_code OR signal THEN 'failed' ELSE 'done' END"
    " AS how, count(*) AS jobs FROM submission AS s CROSS JOIN result AS r"
    " ON r.job >= s.first AND r.job < s.first + s.count AND r.ending IS NOT NULL GROUP BY s.first, how"
)

# (what is broken, who breaks it and how). Each question gives rows of (job, sentence).
LAWS = (
    (
        "missing job",
        (
            "WITH RECURSIVE short AS (SELECT s.first, s.first + s.here - 1 AS final FROM submission AS s"
            " WHERE s.listed AND s.here <> (SELECT coalesce(sum(item.count), 0) FROM item"
            " WHERE item.first >= s.first AND item.first < s.first + s.count)),"
            " wanted (id, final) AS (SELECT first, final FROM short"
            " UNION ALL SELECT id + 1, final FROM wanted WHERE id < final)"
            " SELECT id, 'was submitted and its command is not there' FROM wanted WHERE NOT EXISTS"
            " (SELECT 1 FROM item WHERE item.first = (SELECT max(first) FROM item WHERE first <= id)"
            " AND item.first + item.count > id) LIMIT 1000"
        ),
    ),
    (
        "stray job",
        f"SELECT DISTINCT first, what || ', and was never submitted' FROM part WHERE next - first <> {_SUBMITTED}",
    ),
    (
        "job of two submissions",
        (
            "SELECT first, 'belongs to two submissions' FROM (SELECT first,"
            " lag(next) OVER (ORDER BY first, next) AS free FROM given) WHERE first < free"
        ),
    ),
    (
        "missing submission",
        (
            "SELECT free, 'was given a number, as were all up to ' || (first - 1) || ', and its submission is not there'"
            " FROM (SELECT first, lag(next, 1, 1) OVER (ORDER BY first, next) AS free FROM given) WHERE first > free"
        ),
    ),
    (
        "open jobs",
        (
            "SELECT s.first, 'is the first of ' || count || ', of which ' || coalesce(ends, 0)"
            " || ' have ended and ' || open || ' have not' FROM submission AS s LEFT JOIN"
            f" (SELECT first, sum(jobs) AS ends FROM ({_RAN} UNION ALL {_UNSTARTED}) GROUP BY first) AS e"
            " ON e.first = s.first WHERE open <> count - coalesce(ends, 0)"
        ),
    ),
    (
        "counted ends",
        (
            "SELECT s.first, 'is the first of ' || count || ', whose counts say ' || done || ' done, ' || failed ||"
            " ' failed, ' || cancelled || ' cancelled, ' || lost || ' lost, ' || skipped || ' skipped; their ends do not'"
            " FROM submission AS s LEFT JOIN (SELECT first, sum(jobs * (how = 'done')) AS d,"
            " sum(jobs * (how = 'failed')) AS f, sum(jobs * (how = 'cancelled')) AS c, sum(jobs * (how = 'lost')) AS l,"
            f" sum(jobs * (how = 'skipped')) AS k FROM ({_RAN} UNION ALL {_UNSTARTED}) GROUP BY first) AS e"
            " ON e.first = s.first WHERE (done, failed, cancelled, lost, skipped)"
            " <> (coalesce(d, 0), coalesce(f, 0), coalesce(c, 0), coalesce(l, 0), coalesce(k, 0))"
        ),
    ),
    (
        "half a list",
        (
            "SELECT first, 'is the first of ' || count || ', of which ' || here || ' commands came and '"
            " || open || ' jobs have not ended' FROM submission WHERE here > count OR here < 1"
            " OR here < count AND open NOT IN (0, count)"
            " UNION ALL SELECT job, 'was given out before its list was whole' FROM submission AS s JOIN event"
            " ON job >= first AND job < first + count WHERE here < count AND event.kind = 'delegated'"
        ),
    ),
    (
        "two final states",
        (
            "SELECT job, 'has two results' FROM result WHERE ending IS NOT NULL GROUP BY job HAVING count(*) > 1"
            " UNION ALL SELECT result.job, 'has a result, and ended before it ran' FROM ended CROSS JOIN result"
            " ON result.job >= first AND result.job < next WHERE result.ending IS NOT NULL"
            " UNION ALL SELECT first, 'ended twice before it ran' FROM"
            " (SELECT first, lag(next) OVER (ORDER BY first, next) AS free FROM ended) WHERE first < free"
        ),
    ),
    (
        "live job with a result",
        (
            "SELECT live.job, 'is live, and has a result' FROM live JOIN result ON result.job = live.job"
            " WHERE ending IS NOT NULL UNION ALL SELECT live.job, 'is live, and has ended' FROM ended"
            " CROSS JOIN live ON live.job >= first AND live.job < next"
        ),
    ),
    (
        "attempt number",
        (
            "SELECT job, 'has as attempt number ' || delegations || ' the number ' || attempt FROM step"
            " WHERE kind = 'delegated' AND attempt <> delegations"
            " UNION ALL SELECT live.job, 'counts ' || live.attempt || ' attempts, and had ' || coalesce(delegations, 0)"
            " FROM live LEFT JOIN last ON last.job = live.job WHERE live.attempt <> coalesce(delegations, 0)"
        ),
    ),
    (
        "overlapping attempts",
        (
            "SELECT job, 'began attempt ' || attempt || ' before attempt ' || attempt_before || ' was over'"
            " FROM step WHERE kind = 'delegated' AND before = 'delegated'"
        ),
    ),
    (
        "double start",
        (
            "SELECT job, 'was given ' || count(*) || ' times as attempt ' || attempt FROM event"
            " WHERE kind = 'delegated' GROUP BY job, attempt HAVING count(*) > 1"
        ),
    ),
    (
        "epoch that goes back",
        (
            "SELECT job, 'began attempt ' || attempt || ' in epoch ' || epoch || ', after epoch ' || latest FROM"
            " (SELECT job, attempt, epoch, max(epoch) OVER (ORDER BY seq) AS latest"
            " FROM event WHERE kind = 'delegated') WHERE epoch < latest"
        ),
    ),
    (
        "attempt of nobody",
        (
            "SELECT job, 'was run as attempt ' || attempt || ' of epoch ' || epoch || ' by ' || worker"
            " || ', which this journal has not given' FROM event AS told WHERE kind = 'result refused'"
            " AND NOT EXISTS (SELECT 1 FROM event WHERE job = told.job AND kind = 'delegated'"
            " AND epoch = told.epoch AND attempt = told.attempt AND worker = told.worker)"
        ),
    ),
    (
        "event after the end",
        (
            "SELECT job, kind || ' (attempt ' || attempt || ') after it was ' || before FROM step"
            " WHERE before IN ('finished', 'cancelled', 'lost', 'skipped')"
            " UNION ALL SELECT event.job, event.kind || ' after the end' FROM event JOIN result"
            " ON result.job = event.job AND result.ending IS NOT NULL"
            " WHERE event.kind = 'cancel requested' AND event.seq > result.seq"
        ),
    ),
    (
        "requeued without an attempt",
        (
            "SELECT job, 'requeued from attempt ' || attempt || ', which it was not in' FROM step"
            " WHERE kind = 'requeued' AND (before IS NOT 'delegated' OR attempt <> attempt_before)"
        ),
    ),
    (
        "result of a wrong attempt",
        (
            "SELECT job, kind || ' by attempt ' || attempt || ', which it was not in' FROM step"
            " WHERE kind IN ('finished', 'cancelled', 'lost', 'skipped') AND NOT CASE WHEN attempt > 0"
            " THEN before IS 'delegated' AND attempt = attempt_before"
            " ELSE before IS NOT 'delegated' END"
            " UNION ALL SELECT result.job, 'has a result that no event tells of' FROM result LEFT JOIN step"
            " ON step.seq = result.seq AND step.job = result.job AND step.kind = coalesce(ending, 'requeued')"
            " AND step.attempt = result.attempt WHERE step.seq IS NULL"
            " UNION ALL SELECT first, 'has ended, and no event tells of it' FROM ended LEFT JOIN event"
            " ON event.seq = ended.seq AND job = first AND event.next = ended.next AND kind = ending"
            " AND attempt = 0 AND event.reason = ended.reason AND (kind = 'cancelled' OR event.reason <> '')"
            " WHERE event.seq IS NULL"
        ),
    ),
    (
        "no final state",
        (
            "SELECT job, 'was ' || kind || ', and has no result' FROM event WHERE kind IN ('finished', 'cancelled',"
            " 'lost', 'skipped') AND NOT EXISTS (SELECT 1 FROM result WHERE result.seq = event.seq)"
            " AND NOT EXISTS (SELECT 1 FROM ended WHERE ended.seq = event.seq)"
        ),
    ),
    (
        "retries",
        (
            "SELECT live.job, 'counts ' || (failures + reruns) || ' attempts that are tried again for how they ended,"
            " and had ' || count(result.seq) FROM live LEFT JOIN result ON result.job = live.job AND ending IS NULL"
            " GROUP BY live.job HAVING failures + reruns > count(result.seq)"
            " UNION ALL SELECT live.job, 'failed ' || failures || ' times, and was tried again each time' FROM live"
            " JOIN submission AS s ON s.first = (SELECT max(first) FROM submission WHERE first <= live.job)"
            " LEFT JOIN terms ON terms.id = s.terms WHERE failures > coalesce(json_extract(json, '$.retries'), 0)"
        ),
    ),
    (
        "state against events",
        (
            "SELECT last.job, 'is not live, and its last event is ' || kind FROM last LEFT JOIN live"
            " ON live.job = last.job WHERE kind IN ('delegated', 'requeued') AND live.job IS NULL"
            " UNION ALL SELECT live.job, CASE worker WHEN '' THEN 'waits' ELSE 'runs' END"
            " || ', and its last event is ' || coalesce(kind, 'its submission')"
            " FROM live LEFT JOIN last ON last.job = live.job WHERE NOT CASE worker"
            " WHEN '' THEN coalesce(kind, '') = 'requeued' AND signal = 0"
            " ELSE coalesce(kind, '') = 'delegated' AND live.epoch = last.epoch END"
        ),
    ),
)
_ENDED = (
    "(SELECT count(*) FROM result WHERE ending = '{0}')"
    " + (SELECT coalesce(sum(next - first), 0) FROM ended WHERE ending = '{0}')"
)
COUNTS = (
    ("submissions", "SELECT count(*) FROM submission"),
    ("jobs", "SELECT coalesce(sum(count), 0) FROM submission"),
    (
        "waiting",
        (
            "SELECT (SELECT coalesce(sum(open), 0) FROM submission)"
            " - (SELECT count(*) FROM live WHERE worker <> '')"
        ),
    ),
    ("running", "SELECT count(*) FROM live WHERE worker <> ''"),
    *((ending, f"SELECT {_ENDED.format(ending)}") for ending in ("finished", "cancelled", "lost", "skipped")),
    ("attempts", "SELECT count(*) FROM event WHERE kind = 'delegated'"),
    ("requeued", "SELECT count(*) FROM event WHERE kind = 'requeued'"),
    ("refused results", "SELECT count(*) FROM event WHERE kind = 'result refused'"),
    ("strays", "SELECT count(*) FROM stray"),
    ("skipped numbers", "SELECT coalesce(sum(next - first), 0) FROM skipped"),
    ("forgotten", "SELECT coalesce(sum(next - first), 0) FROM cleared"),
    (
        "pending outputs",
        (
            "SELECT (SELECT count(*) FROM result WHERE output IS NOT NULL)"
            " + (SELECT count(*) FROM output WHERE data IS NOT NULL)"
        ),
    ),
)
OUTPUTS = (
    "SELECT r.job, coalesce(named.start, (SELECT start FROM output AS o WHERE o.job = r.job AND o.stream = 1"
    " AND path = x'' AND o.attempt <= r.attempt ORDER BY o.attempt DESC LIMIT 1), 0), output_length, output_sha256,"
    " coalesce(named.path, x''), r.attempt, 1"
    " FROM result AS r LEFT JOIN output AS named ON named.job = r.job AND named.attempt = r.attempt"
    " AND named.stream = 1 AND named.path <> x'' WHERE r.output IS NULL AND length(output_sha256) > 0"
    " UNION ALL SELECT job, start, length, sha256, path, attempt, stream FROM output"
    " WHERE data IS NULL AND length(sha256) > 0 ORDER BY 1, 6, 7"
)
