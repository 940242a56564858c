"""When: dates and periods, in words or numbers."""
