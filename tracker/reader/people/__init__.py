"""The people named in an article, with their mentions and roles."""
