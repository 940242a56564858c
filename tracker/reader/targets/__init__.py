"""The targets of an article, and whether the article reports an incident."""
