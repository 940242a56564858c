"""Journalists, outlets and institutions, with their names and name matching across scripts."""
