"""Mistakes in the audit of grants."""

from mistakes.fault import Fault

FILE = "adapters/store/laws_grants.py"
FAULTS = [
    Fault("a GPU may be two jobs' own", FILE, "WHERE begun < until", "WHERE begun < 0"),
    Fault("a grant is never over", FILE, "coalesce(over, 9223372036854775807)", "9223372036854775807"),
    Fault("a grant that is held is over", FILE, "coalesce(over, 9223372036854775807)", "coalesce(over, 0)"),
    Fault("hosts share their GPUs", FILE, "(PARTITION BY host, boot, part ", "(PARTITION BY boot, part "),
    Fault("boots share their GPUs", FILE, "(PARTITION BY host, boot, part ", "(PARTITION BY host, part "),
    Fault("nobody shares a GPU", FILE, "AS s WHERE s.value = json_each.value)", "AS s WHERE 0)"),
    Fault("cpus may be two jobs' own", FILE, "json_each(what, '$.cpus')", "json_each(what, '$.none')"),
    Fault(
        "a live grant may be any",
        FILE,
        "WHERE worker <> '' AND live.granted",
        "WHERE worker = '' AND live.granted",
    ),
]
