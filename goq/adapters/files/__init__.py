"""Files that must last, or stay private, or grow."""
