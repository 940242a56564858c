"""Cases, which group related records."""
