"""The web page: one process, a client of the server like any other. It holds sessions and the last news, nothing else."""
