"""The acts, and whether they happened."""
