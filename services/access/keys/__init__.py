"""Keys of programs that use the REST API: stored, and made from the command line."""
