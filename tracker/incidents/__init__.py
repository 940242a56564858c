"""Incidents: types, targets and perpetrators."""
