"""The outside sources, one module each, and `collect`, which asks them all at once."""
