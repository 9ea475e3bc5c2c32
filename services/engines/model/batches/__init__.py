"""OpenAI's Batch API: files of questions, answered within a day at a lower price."""
