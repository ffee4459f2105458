"""Asking the server."""
