"""The sample case, which can be removed again."""
