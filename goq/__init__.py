"""goq: a queue and job manager for a small cluster."""

__version__ = "0.1.0"
