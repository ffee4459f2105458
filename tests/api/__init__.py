"""The API, held against servers."""
