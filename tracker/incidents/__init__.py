"""Incidents: types, targets and actors."""
