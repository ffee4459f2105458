"""Commands that can be tried without a server: what they make of their words."""
