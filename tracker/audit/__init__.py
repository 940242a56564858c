"""The audit log: who did what, in a chain of entries that prove each other by hash."""
