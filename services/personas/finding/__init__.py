"""Finding personas: what is asked for, a page of it, and what a preview shows."""
