"""The inbox: articles are imported, records are suggested, a person confirms them."""
