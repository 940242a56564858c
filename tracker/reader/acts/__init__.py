"""What an article says was done, and whether it happened."""
