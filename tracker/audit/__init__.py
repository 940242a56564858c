"""The audit log: who did what, as a hash chain."""
