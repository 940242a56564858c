"""Imports of files of others: read, mapped, checked, imported as drafts, undone."""
