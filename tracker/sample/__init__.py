"""The sample: a case and invented records that can be loaded and removed."""
