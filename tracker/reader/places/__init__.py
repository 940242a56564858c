"""The places of an article: listed ones, and others by a noun next to the name."""
