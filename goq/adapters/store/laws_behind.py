"""What `goq audit` holds against the starts of jobs that were to wait for others: SQL, from terms and events.

A job waits for ranges of jobs; `each` waits for one of a range alone. Of what is forgotten nothing is known but
that it had ended.
"""

# Each range that some submission is behind; and of each such range how many have ended, the last of them when,
# and how many badly. An end of a range of jobs has as many numbers as these are.
STEPS = """
CREATE TEMP TABLE behind AS
SELECT s.first, s.first + s.count AS next, after.key AS part, json_extract(after.value, '$.when') AS wanted,
       coalesce(json_extract(after.value, '$.each'), 0) AS each, coalesce(json_extract(t.json, '$.keep'), 0) AS keep,
       json_extract(jobs.value, '$[0]') AS low, json_extract(jobs.value, '$[1]') AS high,
       s.first + coalesce(sum(json_extract(jobs.value, '$[1]') - json_extract(jobs.value, '$[0]')) OVER (
         PARTITION BY s.first, after.key ORDER BY jobs.key ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS start
FROM submission AS s CROSS JOIN terms AS t ON t.id = s.terms, json_each(t.json, '$.after') AS after,
     json_each(after.value, '$.jobs') AS jobs WHERE t.json LIKE '%"after"%';
CREATE TEMP TABLE watched AS
SELECT low, high,
  (SELECT count(*) FROM result WHERE job >= low AND job < high AND ending IS NOT NULL)
  + (SELECT coalesce(sum(min(next, high) - max(first, low)), 0) FROM ended WHERE first < high AND next > low)
  + (SELECT coalesce(sum(min(next, high) - max(first, low)), 0) FROM cleared WHERE first < high AND next > low) AS ends,
  max(coalesce((SELECT max(seq) FROM result WHERE job >= low AND job < high AND ending IS NOT NULL), 0),
      coalesce((SELECT max(seq + min(next, high) - 1 - first) FROM ended WHERE first < high AND next > low), 0)) AS last,
  (SELECT count(*) FROM result WHERE job >= low AND job < high AND ending IS NOT NULL
   AND (ending <> 'finished' OR exit_code <> 0 OR signal <> 0))
  + (SELECT coalesce(sum(min(next, high) - max(first, low)), 0) FROM ended WHERE first < high AND next > low) AS bad,
  (SELECT count(*) FROM cleared WHERE first < high AND next > low) AS lost
FROM (SELECT DISTINCT low, high FROM behind WHERE NOT each);
CREATE INDEX temp.watched_range ON watched (low, high);
CREATE TEMP TABLE paired AS
SELECT event.job, min(event.seq) AS seq, low + event.job - start AS other, wanted, keep
FROM behind CROSS JOIN event ON event.job >= start AND event.job < start + high - low
WHERE each AND event.kind = 'delegated' GROUP BY event.job, other;
"""
_START = "(SELECT min(seq) FROM event WHERE kind = 'delegated' AND job >= b.first AND job < b.next)"
_GONE = (
    "(SELECT 1 FROM {0} WHERE first = (SELECT max(first) FROM {0} WHERE first <= other) AND next > other{1})"
)
_BADLY = "(ending <> 'finished' OR exit_code <> 0 OR signal <> 0)"
_RAN = "(SELECT 1 FROM result WHERE job = other AND ending IS NOT NULL AND {})"

LAWS = (
    (
        "started too early",
        (
            "SELECT b.first, 'was started, or one behind it, before ' || ends || ' of ' || (b.high - b.low)"
            " || ' jobs from ' || b.low || ' on had ended, that it waits for' FROM behind AS b JOIN watched AS w"
            f" ON w.low = b.low AND w.high = b.high WHERE NOT each AND (ends < b.high - b.low OR last > {_START})"
            f" AND {_START} IS NOT NULL UNION ALL"
            " SELECT job, 'was started before job ' || other || ' had ended, that it waits for' FROM paired"
            f" WHERE NOT EXISTS {_RAN.format('seq < paired.seq')}"
            f" AND NOT EXISTS {_GONE.format('ended', ' AND seq + other - first < paired.seq')}"
            f" AND NOT EXISTS {_GONE.format('cleared', '')}"
        ),
    ),
    (
        "started against its wish",
        (
            "SELECT b.first, 'was started, and a job from ' || b.low || ' on, that it waits for, did not end well'"
            " FROM behind AS b JOIN watched AS w ON w.low = b.low AND w.high = b.high"
            f" WHERE NOT each AND NOT keep AND wanted = 'ok' AND bad > 0 AND {_START} IS NOT NULL UNION ALL"
            " SELECT b.first, 'was started, and no job from ' || min(b.low) || ' on, that it waits for, ended badly'"
            " FROM behind AS b JOIN watched AS w ON w.low = b.low AND w.high = b.high"
            f" WHERE NOT each AND NOT keep AND wanted = 'fail' AND {_START} IS NOT NULL"
            " GROUP BY b.first, part HAVING sum(bad) = 0 AND sum(lost) = 0 UNION ALL"
            " SELECT job, 'was started, and job ' || other || ', that it waits for, did not end well' FROM paired"
            f" WHERE NOT keep AND wanted = 'ok' AND (EXISTS {_GONE.format('ended', '')}"
            f" OR EXISTS {_RAN.format(_BADLY)})"
        ),
    ),
    (
        "behind a later job",
        "SELECT first, 'waits for job ' || (high - 1) || ', which is no older' FROM behind WHERE high > first",
    ),
)
