"""Messages as signed bytes over sockets."""
