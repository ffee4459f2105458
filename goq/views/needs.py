"""What a job takes, in words."""

from collections.abc import Mapping

from goq.core.values.shown import Needs
from goq.views.numbers import count, duration, size
from goq.views.sentences import amount


def needs_words(needs: Needs) -> str:
    """`5 cpus, 40 GiB, 1 gpu, at most 4h`."""
    parts = [amount("cpus", needs.cpus)]
    if needs.mem_bytes:
        parts.append(size(needs.mem_bytes))
    if needs.gpus:
        parts.append(amount("gpus", needs.gpus))
    more: Mapping[str, int] = {**(needs.resources or {}), **(needs.licenses or {})}
    parts += [f"{count(much)} {name}" for name, much in more.items()]
    if needs.time_s:
        parts.append(f"at most {duration(needs.time_s)}")
    return ", ".join(parts)
