"""To whom it was done, and whether it is an incident at all."""
