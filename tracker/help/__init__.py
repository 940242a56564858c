"""Help: a tour, the roles, what terms mean, keys."""
