"""Archived articles: text, extraction, digest, publisher, independence; and citations."""
