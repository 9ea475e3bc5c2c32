"""Two personas, or three, side by side: pure, on their JSON alone."""
