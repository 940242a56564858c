"""Users, teams, roles, sessions, and the gate before every view."""
