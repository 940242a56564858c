"""Find suggestions in an article by rules, without a database; word lists are in `languages/`."""
