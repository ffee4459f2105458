"""The parts of the loops that can be tried by themselves: calls, clock, log, signals."""
