"""Which accounts, sites and numbers an article names, and which are hostile."""
