"""Hosts and limits that somebody names and nothing here has: they are possible, and may be a slip of the hand."""

from difflib import get_close_matches

from goq.api.client import Client
from goq.api.naming import limit_of_host
from goq.core.values.limit_names import ALL, BLACKHOLE, NODE


def unknown_host(client: Client, host: str) -> str:
    """Half a sentence when no worker of a host of that name is known, which may come all the same; "" when one is."""
    name = limit_of_host(host).removeprefix(NODE)
    known = {row.host for row in client.workers()}
    if name in known:
        return ""
    meant = get_close_matches(name, sorted(known), 1)
    return "; no worker of such a host is known" + (f", did you mean '{meant[0]}'?" if meant else " so far")


def unknown_limit(client: Client, name: str) -> str:
    """The same of a limit that is about to be set, which may be a host's, or a licence that was not limited before."""
    if name.startswith(NODE):
        return unknown_host(client, name.removeprefix(NODE))
    is_licence = ":" not in name and name not in (ALL, BLACKHOLE)
    is_new = is_licence and all(row.name != name for row in client.limits())
    return f"; a licence, which jobs take by --license {name}=1" if is_new else ""
