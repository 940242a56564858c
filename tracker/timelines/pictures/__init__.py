"""Timelines and counts as pictures: SVG in text, without a script."""
