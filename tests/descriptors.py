"""What this process holds open, by name: others of its tests may be closing theirs meanwhile."""

import os
from pathlib import Path


def opened() -> list[str]:
    """What each descriptor is open on: a path, or a kind and a number that no other one has."""
    links = []
    for name in os.listdir("/proc/self/fd"):
        try:
            links.append(os.readlink(f"/proc/self/fd/{name}"))
        except FileNotFoundError:
            continue  # the listing's own, or one that was closed since
    return links


def opened_below(folder: Path) -> list[str]:
    """The same of those on a folder, and on what lies or lay in it."""
    return [link for link in opened() if link.startswith(str(folder))]
