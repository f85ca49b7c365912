"""Faults of the optimiser."""
