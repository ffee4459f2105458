"""How fast goq is, each figure beside its ceiling or floor: `make bench`."""
