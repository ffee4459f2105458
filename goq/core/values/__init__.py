"""What goq talks about: pure values."""
