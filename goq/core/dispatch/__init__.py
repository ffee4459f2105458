"""A question in, records and replies out. Pure."""
