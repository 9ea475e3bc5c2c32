"""Pure: from claims and a text to a checked persona, and what follows edits. No I/O."""
