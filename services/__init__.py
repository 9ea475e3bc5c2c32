"""What the dashboard knows and does, without the screen. See CONTRIBUTING.md for the rooms."""
