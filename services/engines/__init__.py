"""From a text to claims: one module or package an engine."""
