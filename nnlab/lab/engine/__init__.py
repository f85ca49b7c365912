"""The engine of the score: thousands of faults a second, each verdict as if its fault had had a process of its own."""
