"""Files of others taken in: read, mapped, checked, imported as drafts, undone."""
