"""What survives a crash, and the facts that change it. Pure."""
