"""What authorities said and did about it, in whose words."""
