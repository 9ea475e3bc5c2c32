"""A text cut up: lines and headings into blocks, blocks into sentences, sentences into clauses."""
