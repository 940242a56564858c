"""The tidy package: what may leave by profile, its tables, and what changed since the last."""
