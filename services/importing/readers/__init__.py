"""One reader a format, each a Table: a head, and rows of cells."""
