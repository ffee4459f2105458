"""The public API, and what it is made of."""
