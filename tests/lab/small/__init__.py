"""A package of a user's, which tests/lab/test_snapshot.py copies and changes."""
