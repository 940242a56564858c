"""The dates and periods of an article, in words or numbers."""
