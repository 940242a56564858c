"""One normaliser, one index behind it."""
