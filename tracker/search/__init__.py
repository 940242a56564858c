"""Search: text normalisation and the index."""
