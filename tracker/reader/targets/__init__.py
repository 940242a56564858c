"""The targets, and whether the article tells an incident."""
