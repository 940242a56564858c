"""What records have in common, declared once: no journalism in here."""
