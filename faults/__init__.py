"""The catalog: real, cited faults, each as a small edit of the code beside which it stands."""
