"""Fake profiles, channels, sites, numbers; their life and their successors."""
