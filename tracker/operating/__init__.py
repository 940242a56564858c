"""Keeping the tracker running and its data safe: backups, health, closing it in a hurry."""
