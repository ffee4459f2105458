"""Each file here is the one door to one piece of the outside world."""
