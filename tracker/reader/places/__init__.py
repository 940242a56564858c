"""Where: places of the lists, and others by the word beside them."""
