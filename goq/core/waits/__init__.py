"""Answers that wait for a moment or for an event. Pure."""
