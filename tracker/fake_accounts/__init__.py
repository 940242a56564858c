"""Fake profiles, channels, sites and numbers: their events and successors."""
