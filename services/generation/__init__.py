"""From a text to claims, to checked evidence, to a persona."""
