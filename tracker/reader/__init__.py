"""Read an article by rules and return cited suggestions: pure, with word lists in `languages/`."""
