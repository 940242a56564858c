"""What stands in an article, by rules: pure, with each language's words in `languages/`."""
