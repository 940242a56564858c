"""The acts in an article, and whether they happened."""
