"""Journalists, outlets, institutions; names and matching them across scripts."""
