"""Search everywhere: records of every kind by their words, on one page."""
