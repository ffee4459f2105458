"""What servers and workers say of themselves, and hear from the system."""
