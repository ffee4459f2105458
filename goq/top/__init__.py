"""goq top: the cluster and its jobs on one screen, as they change."""
