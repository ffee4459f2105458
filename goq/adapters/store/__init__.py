"""The journal on the disk."""
