"""Timelines: the builder, clocks and pictures."""
