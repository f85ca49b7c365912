"""Faults of the intermediate representation."""
