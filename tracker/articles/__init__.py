"""Articles and other sources: import, text, publisher, masks, and the citations in records."""
