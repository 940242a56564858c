"""Archived articles: text, extraction, digest, publisher, independence; what a citation is."""
