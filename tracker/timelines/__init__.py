"""Timelines: building, clocks and pictures."""
