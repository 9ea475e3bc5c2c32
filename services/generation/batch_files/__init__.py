"""Batches whose texts are asked in files: sent, looked after, and taken in, whatever crashes."""
