"""Bulk actions on the records of a list: a page previews the changes, one save makes them."""
