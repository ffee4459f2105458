"""Messages that travel as one value, in JSON, whose bounds stand at their fields.

A new one costs: its value in core/messages, an enumerant in the schema, a line here, and who answers it.
"""

from functools import cache
from typing import Any

from msgspec import DecodeError, Struct, json

from goq.core import messages as m

VALUE_LIMIT = 2 * 1024 * 1024

MIRRORED: dict[type[Struct], str] = {
    m.SetLimit: "setlimit",
    m.AckLimit: "acklimit",
    m.SetKey: "setkey",
    m.AckKey: "ackkey",
    m.ShowKeys: "showkeys",
    m.KeysShown: "keysshown",
    m.ShowLimits: "showlimits",
    m.LimitsShown: "limitsshown",
    m.ShowWorkers: "showworkers",
    m.WorkersShown: "workersshown",
    m.AskWhy: "askwhy",
    m.Why: "why",
    m.AskReasons: "askreasons",
    m.ReasonsShown: "reasonsshown",
    m.ShowCluster: "showcluster",
    m.ClusterShown: "clustershown",
    m.Mean: "mean",
    m.Meant: "meant",
    m.Retry: "retry",
    m.Retried: "retried",
    m.Follow: "follow",
    m.Followed: "followed",
}
_KINDS = {name: kind for kind, name in MIRRORED.items()}
_ENCODE = json.Encoder().encode


def write_mirrored(z: Any, message: Struct) -> None:
    """The message in its one field."""
    z.value = _ENCODE(message)


def read_mirrored(z: Any, name: str) -> Any:
    """The message of that name. Raises ValueError."""
    value = bytes(z.value)
    if len(value) > VALUE_LIMIT:
        raise ValueError("too long a value")
    try:
        return _decoder(name).decode(value)
    except (DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(str(error)) from error


@cache
def _decoder(name: str) -> json.Decoder[Any]:
    """Made when it is needed: each takes its time, and a command needs few."""
    return json.Decoder(_KINDS[name])
