"""Faults of the back end."""
