"""The worker's half of the protocol: events in, instructions out. Pure."""
