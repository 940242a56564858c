"""Imports of external files: reading, mapping, checking, importing as drafts, undoing."""
