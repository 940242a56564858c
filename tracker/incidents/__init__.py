"""What was done to whom: the heart."""
