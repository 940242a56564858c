"""The targets, and whether the article reports an incident."""
