"""Whom the text is about: their name, and which sentences speak of them."""
