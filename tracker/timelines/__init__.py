"""The pure builder and its pictures."""
