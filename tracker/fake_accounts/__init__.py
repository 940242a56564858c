"""Fake profiles, channels, sites and numbers: their life and their successors."""
