"""The job server."""
