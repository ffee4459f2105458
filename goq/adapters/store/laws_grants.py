"""What `goq audit` holds against grants: no GPU and no pinned cpu of a host is two jobs' own at a time. SQL.

A grant is held from the event that gives the job out to whatever moves that job next; jobs of one place run one
after the other, and have one grant. A host is known
by its name and its boot. A GPU that its worker offers twice may be in two grants, which say so.
"""

STEPS = """
CREATE TEMP TABLE held_part AS
SELECT g.job, g.attempt, event.worker, event.host, coalesce(json_extract(what, '$.boot'), '') AS boot, seq AS begun,
       coalesce(over, 9223372036854775807) AS over, g.kind || ' ' || part AS part
FROM (SELECT job, attempt, what, 'the GPU' AS kind, value AS part FROM granted, json_each(what, '$.gpus')
      WHERE NOT EXISTS (SELECT 1 FROM json_each(what, '$.shared') AS s WHERE s.value = json_each.value)
      UNION ALL SELECT job, attempt, what, 'the cpu', value FROM granted, json_each(what, '$.cpus')) AS g
JOIN (SELECT seq, job, attempt, kind AS what_happened, lead(seq) OVER (PARTITION BY job ORDER BY seq) AS over
      FROM move WHERE job IN (SELECT job FROM granted)) AS m USING (job, attempt)
JOIN event USING (seq) WHERE what_happened = 'delegated';
"""

LAWS = (
    (
        "granted twice",
        (
            "SELECT job, 'was granted ' || part || ' of ' || host || ', which job ' || holder || ' had' FROM"
            " (SELECT *, lag(over) OVER same AS until, lag(job) OVER same AS holder, lag(worker) OVER same AS whose FROM held_part"
            " WINDOW same AS (PARTITION BY host, boot, part ORDER BY begun)) WHERE begun < until AND worker <> whose"
        ),
    ),
    (
        "grant of nobody",
        (
            "SELECT g.job, 'has a grant for attempt ' || g.attempt || ', which was never given out' FROM granted AS g"
            " WHERE NOT EXISTS (SELECT 1 FROM event WHERE event.job = g.job AND event.attempt = g.attempt"
            " AND kind = 'delegated') UNION ALL SELECT live.job, 'has another grant than its attempt was given'"
            " FROM live LEFT JOIN granted AS g ON g.job = live.job AND g.attempt = live.attempt"
            " WHERE worker <> '' AND live.granted <> coalesce(g.what, '')"
        ),
    ),
)
