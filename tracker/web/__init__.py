"""What all pages share, and no feature."""
