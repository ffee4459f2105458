"""The reader: a process beside the server that looks into the journal."""
