"""Which newsrooms an article names."""
