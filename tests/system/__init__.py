"""The installed `goq`, driven as its users do: as processes."""
