"""An article in, cited records out: what stands in it is suggested, a person confirms it."""
