"""Values and rules. Pure: no sockets, clock, disk, processes or randomness."""
