"""The search index: text normalisation, queries, and updates of the index."""
