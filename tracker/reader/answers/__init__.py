"""The responses of authorities."""
