"""What programs use of goq, and the commands too: `Client` is one connection to a server."""
