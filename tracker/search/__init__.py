"""Search: one normaliser and one index."""
