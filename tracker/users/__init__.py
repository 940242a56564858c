"""People who sign in: users, teams, roles, sessions; the gate."""
