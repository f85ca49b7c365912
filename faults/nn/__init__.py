"""Faults of the library, one file per file of nnlab.nn."""
