"""Jobs as processes."""
