"""Who acts: people, sessions, roles, keys."""
