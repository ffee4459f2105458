"""What jobs need and workers offer: named amounts. Pure."""

from functools import lru_cache

from goq.core.values.terms import DEFAULT_TERMS, Terms

Need = tuple[tuple[str, int], ...]  # sorted by name, each amount above 0

CPUS = "cpus"
ONE_CPU: Need = ((CPUS, 1),)


@lru_cache(maxsize=10_000)
def need_of(terms: Terms) -> Need:
    """What a job with these terms takes of its worker while it runs."""
    return ONE_CPU if terms is DEFAULT_TERMS else ((CPUS, terms.cpus),)
