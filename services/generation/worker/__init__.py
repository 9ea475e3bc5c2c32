"""Workers: they take requests from the queue, draft, and save, in any number on any machines."""
