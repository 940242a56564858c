"""What leaves the building: exports."""
