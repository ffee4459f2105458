"""The hostile suite drives clusters as the system tests do."""

from system.conftest import cluster, served, tidy_end, working

__all__ = ["cluster", "served", "tidy_end", "working"]
