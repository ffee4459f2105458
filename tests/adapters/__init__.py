"""The adapters, each against the real thing: sockets, databases, files, processes."""
