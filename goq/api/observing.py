"""Questions that may be answered late, over one connection, through restarts of the server: for who waits or reads on."""

from goq.roles.client.ask import Observer

__all__ = ["Observer"]
