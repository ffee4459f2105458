"""What may be done to jobs that a selector means, a file a kind. Pure."""
