"""The detectors, one in each file: weak ones that people trust, for comparison, and strong ones."""
