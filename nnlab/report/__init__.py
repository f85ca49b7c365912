"""What the lab found, for people (tables and pictures in the terminal) and for programs (JSON)."""
