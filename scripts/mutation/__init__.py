"""What `scripts/mutate` is made of: which modules to mutate, mutmut itself, the ledger, the report."""
