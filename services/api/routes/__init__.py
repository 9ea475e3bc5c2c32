"""The operations, a noun a file."""
