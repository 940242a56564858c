"""Change several records of a list at once: a page says what will be changed, one save does it."""
