"""Dates and periods, in words or numbers."""
