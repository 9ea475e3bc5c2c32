"""Import as update: rows whose persona is stored already with other values."""
