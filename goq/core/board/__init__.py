"""What follows from the state: who may have what. Pure."""
