"""From what a model server complains of to our fault and its advice."""
