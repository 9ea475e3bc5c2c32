"""How a browser gets in: the gate in front of everything, and the pages of the sign-in."""
