"""One case to look at and try things on, which can be taken out again."""
