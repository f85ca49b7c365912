"""The intermediate representation, its verifier, and the way from the syntax tree into it."""
