"""Places: those of the lists, and others by the word next to them."""
