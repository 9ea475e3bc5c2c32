"""The engine behind any OpenAI-compatible model server."""
