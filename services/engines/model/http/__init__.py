"""The way to a model server: bounded, shared by all questions, and let go of at once."""
