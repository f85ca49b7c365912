"""Operators: bug patterns that are applied wherever they fit, one file for each family; `apply.py` finds them."""
