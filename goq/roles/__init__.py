"""The loops: server, worker, client. They tie the pure core to the adapters."""
