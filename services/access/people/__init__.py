"""Members: their roles, links for new ones, and a command that makes the first."""
