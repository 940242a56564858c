"""The help pages: a tour, the roles, the terms and the keys."""
