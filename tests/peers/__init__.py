"""Servers written by others, run for real in a virtual environment of their own: ``make test-peers``."""
