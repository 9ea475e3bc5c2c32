"""The same text is not paid for twice: what was drafted from it before is taken over."""
