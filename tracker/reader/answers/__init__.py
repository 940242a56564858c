"""The official responses that an article reports."""
