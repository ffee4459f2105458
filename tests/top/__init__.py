"""Tests of `goq top`."""
