"""The review of a stored persona: its status, its claims, comments on it."""
