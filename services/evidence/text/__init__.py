"""Tools on texts: code points, folding, alignment of quotes, pieces of long texts."""
